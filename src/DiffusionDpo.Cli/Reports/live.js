const line = document.getElementById("live");
const period = Number(line.dataset.period);

async function renew() {
  let next;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    next = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    line.textContent = `The run no longer answers: this is what it told last. Its report is in ${line.dataset.file}`;
    line.className = "ended";
    return;
  }
  const open = [...document.querySelectorAll("details")].map(one => one.open);
  document.querySelector("main").replaceWith(next.querySelector("main"));
  document.querySelectorAll("details").forEach((one, at) => { one.open = open[at] ?? false; });
  setTimeout(renew, period);
}

setTimeout(renew, period);
