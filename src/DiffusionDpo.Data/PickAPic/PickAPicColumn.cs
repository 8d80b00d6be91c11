namespace DiffusionDpo.Data.PickAPic;

/// <summary>Names of the columns that training reads.</summary>
internal static class PickAPicColumn
{
    public const string Caption = "caption";
    public const string HasLabel = "has_label";
    public const string Image0 = "jpg_0";
    public const string Image1 = "jpg_1";
    public const string Label0 = "label_0";
    public const string Label1 = "label_1";
}
