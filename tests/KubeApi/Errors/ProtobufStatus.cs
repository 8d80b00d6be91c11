using System.Text;

namespace KubeApi.Errors;

/// <summary>The one message that is written as protobuf: the refusal of a client that takes nothing else.</summary>
internal static class ProtobufStatus
{
    public const string ContentType = "application/vnd.kubernetes.protobuf";

    public static byte[] Write(ApiException refusal, string reason)
    {
        byte[] status = [.. Field(1, [.. Text(1, ""), .. Text(2, ""), .. Text(3, "")]), .. Text(2, "Failure"), .. Text(3, refusal.Message), .. Text(4, reason), 6 << 3, .. Varint(refusal.Code)];
        byte[] type = [.. Text(1, "v1"), .. Text(2, "Status")];
        return [.. "k8s\0"u8, .. Field(1, type), .. Field(2, status), .. Text(3, ""), .. Text(4, "")];
    }

    private static byte[] Text(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int number, byte[] content) => [(byte)(number << 3 | 2), .. Varint(content.Length), .. content];

    private static List<byte> Varint(int value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return bytes;
    }
}
