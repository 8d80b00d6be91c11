using Xunit;

namespace DiffusionDpo.Shared;

/// <summary>The servers that `make test` starts (eng/object-stores.sh); tests say why they are skipped where there are none.</summary>
internal static class ObjectServers
{
    public const string S3AccessKey = "testAK";
    public const string S3SecretKey = "testSecretKey123";
    public const string S3Guest = "guest"; // a user who owns nothing
    public const string S3GuestAccessKey = "guestAK";
    public const string S3GuestSecretKey = "guestSecretKey123";
    public const string AzureAccount = "devstoreaccount1";

    /// <summary>Azurite's published key.</summary>
    public const string AzureKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <summary>Address of the S3 server.</summary>
    public static string S3 => Of("DDPO_TEST_S3", "an S3 server (Debian/Ubuntu: apt-get install ceph-mon ceph-osd radosgw ceph-common)");

    /// <summary>Address of Azurite.</summary>
    public static string Azure => Of("DDPO_TEST_AZURE", "Azurite (npm install azurite)");

    private static string Of(string variable, string what)
    {
        var address = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(address)) Assert.Skip($"{variable} names no server: eng/object-stores.sh starts {what} where that is installed");
        return address;
    }
}
