namespace DiffusionDpo.Cli.Tests.Browsing;

/// <summary>What is asked of a page once it stands.</summary>
internal static class PageProbe
{
    /// <summary>A script whose value is a JSON object: the facts, and everything that is wrong.</summary>
    /// <param name="window">The window; a telephone's takes a wide page for a wide window, so the script is told its width.</param>
    public static string Script(PageWindow window) => $$"""
        (async () => {
          const width = {{window.Width}};
          for (let looks = 0; !({{window.Until}}) && looks < 600; looks++) await new Promise(go => setTimeout(go, 50));
          const problems = [];
          if (!({{window.Until}})) problems.push('never: ' + {{System.Text.Json.JsonSerializer.Serialize(window.Until)}});
          document.querySelectorAll('details').forEach(one => { one.open = true; });
          const name = one => one.tagName + '.' + (one.getAttribute('class') ?? '') + ' "' + (one.textContent ?? '').trim().slice(0, 40) + '"';
          const all = [...document.body.querySelectorAll('*')].filter(one => !['SCRIPT', 'STYLE', 'title', 'NOSCRIPT'].includes(one.tagName));
          const parents = one => one ? [one, ...parents(one.parentElement)] : [];
          const scrolls = one => parents(one.parentElement).some(up => ['auto', 'scroll'].includes(getComputedStyle(up).overflowX));

          if (document.documentElement.scrollWidth > width) problems.push(`overflow: the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`);
          for (const one of all) {
            const box = one.getBoundingClientRect();
            if (box.width > 0 && (box.right > width + 0.5 || box.left < -0.5) && !scrolls(one)) problems.push(`overflow: ${name(one)} from ${box.left} to ${box.right}`);
          }
          for (const text of document.querySelectorAll('svg text')) {
            const box = text.getBoundingClientRect(), frame = text.ownerSVGElement.getBoundingClientRect();
            if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) problems.push(`cut: ${name(text)}`);
          }
          for (const chart of document.querySelectorAll('svg')) {
            const marks = [...chart.querySelectorAll('text')].filter(one => one.textContent !== 'step').map(one => one.getAttribute('text-anchor') + one.textContent);
            if (new Set(marks).size !== marks.length) problems.push(`marks that are the same: ${chart.getAttribute('aria-label')}: ${marks}`);
            const boxes = [...chart.querySelectorAll('text[text-anchor=middle]')].filter(one => one.textContent !== 'step').map(one => one.getBoundingClientRect());
            boxes.forEach((box, at) => { if (at > 0 && box.left < boxes[at - 1].right + 2) problems.push(`marks that touch: ${chart.getAttribute('aria-label')}`); });
          }

          const charts = [...document.querySelectorAll('figure.chart')].map(figure => {
            const title = figure.querySelector('h3').textContent;
            const lines = [...figure.querySelectorAll('polyline')], numbers = lines.flatMap(one => one.getAttribute('points').split(/[ ,]/));
            if (numbers.some(one => !/^-?[0-9]+([.][0-9]+)?$/.test(one))) problems.push(`chart: ${title} has no finite coordinates`);
            const drawn = lines.some(one => one.getTotalLength() > 0) || figure.querySelectorAll('circle').length > 0;
            if (!drawn && !figure.querySelector('.none')) problems.push(`chart: ${title} draws nothing`);
            return title;
          });
          const images = [...document.images];
          for (const one of images) if (!one.complete || one.naturalWidth === 0) problems.push(`image: ${one.alt} does not decode`);

          const rgb = text => { const n = text.match(/[0-9.]+/g).map(Number); return { r: n[0], g: n[1], b: n[2], a: n[3] ?? 1 }; };
          const light = c => [c.r, c.g, c.b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const ground = one => parents(one).map(up => rgb(getComputedStyle(up).backgroundColor)).find(c => c.a === 1) ?? { r: 255, g: 255, b: 255 };
          let faintest = 21;
          for (const one of all) {
            if (![...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) continue;
            const style = getComputedStyle(one), ink = rgb(one.tagName === 'text' ? style.fill : style.color);
            const [low, high] = [light(ink), light(ground(one))].sort((a, b) => a - b), contrast = (high + 0.05) / (low + 0.05);
            faintest = Math.min(faintest, contrast);
            if (contrast < 4.5) problems.push(`contrast: ${name(one)} ${contrast.toFixed(2)}`);
          }
          return JSON.stringify({ problems, charts, images: images.length, faintest, ground: getComputedStyle(document.body).backgroundColor, text: document.body.innerText });
        })()
        """;
}
