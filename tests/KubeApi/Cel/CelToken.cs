namespace KubeApi.Cel;

internal enum CelTokenKind
{
    End,
    Identifier,
    Integer,
    Real,
    Text,
    Sign,
}

internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Position);
