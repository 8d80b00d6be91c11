using System.Text;

namespace KubeApi.Cel;

/// <summary>Cuts an expression into tokens.</summary>
internal static class CelTokenizer
{
    private static readonly string[] Signs = ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"];

    public static List<CelToken> Tokenize(string text)
    {
        var tokens = new List<CelToken>();
        var at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
                at++;
            else if (text[at] is '\'' or '"')
                tokens.Add(ReadText(text, ref at, false));
            else if (text[at] is 'r' && at + 1 < text.Length && text[at + 1] is '\'' or '"')
            {
                at++;
                tokens.Add(ReadText(text, ref at, true));
            }
            else if (char.IsAsciiDigit(text[at]))
                tokens.Add(ReadNumber(text, ref at));
            else if (char.IsAsciiLetter(text[at]) || text[at] == '_')
                tokens.Add(ReadWord(text, ref at));
            else
                tokens.Add(ReadSign(text, ref at));
        }

        tokens.Add(new CelToken(CelTokenKind.End, "", text.Length));
        return tokens;
    }

    private static CelToken ReadText(string text, ref int at, bool raw)
    {
        var start = at;
        var quote = text[at++];
        var value = new StringBuilder();
        for (; at < text.Length && text[at] != quote; at++)
        {
            if (text[at] == '\\' && !raw && at + 1 < text.Length)
            {
                at++;
                value.Append(text[at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
            }
            else
                value.Append(text[at]);
        }

        if (at >= text.Length)
            throw new CelException($"unterminated string at {start}");
        at++;
        return new CelToken(CelTokenKind.Text, value.ToString(), start);
    }

    private static CelToken ReadNumber(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        var real = at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1]);
        if (real)
        {
            at++;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
                at++;
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            real = true;
            at += text[at + 1] is '+' or '-' ? 2 : 1;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
                at++;
        }

        var token = new CelToken(real ? CelTokenKind.Real : CelTokenKind.Integer, text[start..at], start);
        if (at < text.Length && text[at] is 'u')
            at++;
        return token;
    }

    private static CelToken ReadWord(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
            at++;
        return new CelToken(CelTokenKind.Identifier, text[start..at], start);
    }

    private static CelToken ReadSign(string text, ref int at)
    {
        foreach (var sign in Signs)
        {
            if (string.CompareOrdinal(text, at, sign, 0, sign.Length) == 0)
            {
                at += sign.Length;
                return new CelToken(CelTokenKind.Sign, sign, at - sign.Length);
            }
        }

        throw new CelException($"unexpected '{text[at]}' at {at}");
    }
}
