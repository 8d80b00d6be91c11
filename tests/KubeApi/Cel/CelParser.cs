using System.Globalization;

namespace KubeApi.Cel;

/// <summary>Parses the Common Expression Language by recursive descent.</summary>
internal sealed class CelParser
{
    private static readonly string[][] Levels = [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">=", "in"], ["+", "-"], ["*", "/", "%"]];
    private static readonly HashSet<string> Macros = ["all", "exists", "exists_one", "filter", "map"];
    private readonly List<CelToken> _tokens;
    private int _at;

    private CelParser(string text) => _tokens = CelTokenizer.Tokenize(text);

    private CelToken Current => _tokens[_at];

    public static CelNode Parse(string text)
    {
        var parser = new CelParser(text);
        var node = parser.Choice();
        return parser.Current.Kind == CelTokenKind.End ? node : throw parser.Unexpected();
    }

    private CelNode Choice()
    {
        var condition = Binary(0);
        if (!Skip("?"))
            return condition;
        var yes = Binary(0);
        Expect(":");
        return new CelNode.Choice(condition, yes, Choice(), condition.Position);
    }

    private CelNode Binary(int level)
    {
        if (level == Levels.Length)
            return Unary();
        var left = Binary(level + 1);
        while (Levels[level].Contains(Current.Text) && Current.Kind is CelTokenKind.Sign or CelTokenKind.Identifier && Current.Kind != CelTokenKind.Text)
        {
            var sign = Current;
            _at++;
            left = new CelNode.Call(null, sign.Text, [left, Binary(level + 1)], sign.Position);
        }

        return left;
    }

    private CelNode Unary()
    {
        var position = Current.Position;
        if (Skip("!"))
            return new CelNode.Call(null, "!", [Unary()], position);
        if (Skip("-"))
            return new CelNode.Call(null, "-", [Unary()], position);
        return Member();
    }

    private CelNode Member()
    {
        var node = Primary();
        while (true)
        {
            var position = Current.Position;
            if (Skip("."))
                node = Selected(node, position);
            else if (Skip("["))
            {
                var key = Choice();
                Expect("]");
                node = new CelNode.Index(node, key, position);
            }
            else
                return node;
        }
    }

    private CelNode Selected(CelNode target, int position)
    {
        var name = Identifier();
        if (!Skip("("))
            return new CelNode.Field(target, name, position);
        var arguments = Until(")");
        if (!Macros.Contains(name))
            return new CelNode.Call(target, name, arguments, position);
        if (arguments is not [CelNode.Name variable, var body, ..])
            throw new CelException($"{name} takes a variable and an expression");
        return new CelNode.Each(target, name, variable.Text, body, arguments.ElementAtOrDefault(2), position);
    }

    private CelNode Primary()
    {
        var token = Current;
        _at++;
        switch (token.Kind)
        {
            case CelTokenKind.Integer:
                return new CelNode.Constant(long.Parse(token.Text, CultureInfo.InvariantCulture), token.Position);
            case CelTokenKind.Real:
                return new CelNode.Constant(double.Parse(token.Text, CultureInfo.InvariantCulture), token.Position);
            case CelTokenKind.Text:
                return new CelNode.Constant(token.Text, token.Position);
            case CelTokenKind.Identifier:
                return Word(token);
        }

        switch (token.Text)
        {
            case "(":
                var inner = Choice();
                Expect(")");
                return inner;
            case "[":
                return new CelNode.List(Until("]"), token.Position);
            case "{":
                return MapLiteral(token.Position);
        }

        _at--;
        throw Unexpected();
    }

    private CelNode Word(CelToken token)
    {
        switch (token.Text)
        {
            case "true" or "false":
                return new CelNode.Constant(token.Text == "true", token.Position);
            case "null":
                return new CelNode.Constant(null, token.Position);
        }

        if (!Skip("("))
            return new CelNode.Name(token.Text, token.Position);
        var arguments = Until(")");
        if (token.Text != "has")
            return new CelNode.Call(null, token.Text, arguments, token.Position);
        return arguments is [CelNode.Field field]
            ? new CelNode.Has(field.Target, field.Member, field.Position)
            : throw new CelException("has() takes a field selection");
    }

    private CelNode.Map MapLiteral(int position)
    {
        var entries = new List<(CelNode, CelNode)>();
        while (!Skip("}"))
        {
            var key = Choice();
            Expect(":");
            entries.Add((key, Choice()));
            Skip(",");
        }

        return new CelNode.Map(entries, position);
    }

    private List<CelNode> Until(string end)
    {
        var nodes = new List<CelNode>();
        while (!Skip(end))
        {
            nodes.Add(Choice());
            if (Current.Text != end)
                Expect(",");
        }

        return nodes;
    }

    private string Identifier()
    {
        var token = Current;
        if (token.Kind != CelTokenKind.Identifier)
            throw Unexpected();
        _at++;
        return token.Text;
    }

    private bool Skip(string sign)
    {
        if (Current.Kind != CelTokenKind.Sign || Current.Text != sign)
            return false;
        _at++;
        return true;
    }

    private void Expect(string sign)
    {
        if (!Skip(sign))
            throw Unexpected();
    }

    private CelException Unexpected() => new($"Syntax error: unexpected '{Current.Text}' at {Current.Position}");
}
