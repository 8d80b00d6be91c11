namespace DiffusionDpo.Cli.Completion;

/// <summary>What teaches a shell to complete <c>ddpo</c>: each script asks the program itself, so that it knows every option of this version.</summary>
internal static class CompletionScripts
{
    private const string Bash = """
        # bash completion of ddpo. Use it with: source <(ddpo completions bash)
        _ddpo() {
            local line=${COMP_LINE:0:COMP_POINT} word=${COMP_WORDS[COMP_CWORD]} suggestion
            COMPREPLY=()
            while IFS= read -r suggestion; do
                # options only where one is begun: files stand in most other places
                [[ $suggestion == -* && $word != -* ]] && continue
                [[ $suggestion == "$word"* ]] && COMPREPLY+=("$suggestion")
            done < <("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)
        }
        complete -o default -F _ddpo ddpo

        """;

    private const string Zsh = """
        #compdef ddpo
        # zsh completion of ddpo. Use it with: source <(ddpo completions zsh), after compinit
        _ddpo() {
            local line="${BUFFER[1,CURSOR]}"
            local -a suggestions
            suggestions=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -a suggestions
            _files
        }
        if [ "$funcstack[1]" = "_ddpo" ]; then _ddpo "$@"; else compdef _ddpo ddpo; fi

        """;

    private const string Fish = """
        # fish completion of ddpo. Use it with: ddpo completions fish | source
        function __ddpo_complete
            set -l line (commandline --cut-at-cursor)
            ddpo "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c ddpo -a '(__ddpo_complete)'

        """;

    /// <summary>The scripts by their shell.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string> { ["bash"] = Bash, ["zsh"] = Zsh, ["fish"] = Fish };
}
