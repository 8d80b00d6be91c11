using DiffusionDpo.Api.Failures;
using Xunit;

namespace DiffusionDpo.Storage.Tests;

public sealed class StorageUriTests
{
    [Theory]
    [InlineData("/data/x", "/data/x")]
    [InlineData("/data//a/../x/", "/data/x")]
    [InlineData("/", "/")]
    [InlineData("file:///data/with%20space", "/data/with space")]
    [InlineData("FILE:///data", "/data")]
    [InlineData("s3://bucket", "s3://bucket")]
    [InlineData("s3://bucket/a/b/", "s3://bucket/a/b")]
    [InlineData("az://account/container", "az://account/container")]
    [InlineData("az://account/container/a/b", "az://account/container/a/b")]
    public void Addresses_have_one_normal_form(string text, string normal)
    {
        var uri = StorageUri.Parse(text);
        Assert.Equal(normal, uri.ToString());
        Assert.Equal(uri, StorageUri.Parse(uri.ToString()));
    }

    /// <summary>What a listing found may be called what nobody may write as an address.</summary>
    [Theory]
    [InlineData("s3://bucket/data", "train@1.tar")]
    [InlineData("s3://bucket", "a#b?c")]
    [InlineData("az://account/container/data", "50% = a+b.parquet")]
    [InlineData("/data", "s3://")]
    [InlineData("/data", "a@b")]
    public void Every_address_is_read_back_from_its_text(string directory, string name)
    {
        var uri = StorageUri.Parse(directory).Combine(name.TrimEnd('/'));
        Assert.Equal(uri, StorageUri.OfText(uri.ToString()));
        Assert.Equal(StorageUri.Parse(directory), uri.Parent);
    }

    [Fact]
    public void Relative_paths_start_at_the_working_directory() =>
        Assert.Equal(Path.Combine(Directory.GetCurrentDirectory(), "data", "x"), StorageUri.Parse("data/x").LocalPath);

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\0b")]
    [InlineData("http://host/x")]
    [InlineData("file://data/x")]
    [InlineData("s3://")]
    [InlineData("s3:///key")]
    [InlineData("s3://bucket//key")]
    [InlineData("s3://bucket/../key")]
    [InlineData("az://account")]
    [InlineData("az://a b/c/d.png")]
    [InlineData("s3://buc\nket/key")]
    [InlineData("file:///a%00b")]
    public void What_is_no_address_is_a_configuration_error_of_one_line(string text)
    {
        var failure = Assert.Throws<RunException>(() => StorageUri.Parse(text));
        Assert.Equal(ExitClass.ConfigurationError, failure.ExitClass);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Theory]
    [InlineData("az://account/container/key?sig=SECRET")]
    [InlineData("s3://user:SECRET@bucket/key")]
    public void Credentials_are_refused_and_not_repeated(string text)
    {
        var failure = Assert.Throws<RunException>(() => StorageUri.Parse(text));
        Assert.DoesNotContain("SECRET", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_of_an_address_are_told()
    {
        var uri = StorageUri.Parse("az://account/container/a/b");
        Assert.Equal((StorageScheme.Azure, "account/container", "a/b", "b"), (uri.Scheme, uri.Place, uri.Key, uri.Name));
        Assert.Throws<InvalidOperationException>(() => uri.LocalPath);
    }

    [Fact]
    public void Combining_and_relating_are_inverse()
    {
        foreach (var root in new[] { "/data", "/", "s3://bucket", "s3://bucket/x", "az://account/container" }.Select(StorageUri.Parse))
            Assert.Equal("a/b", root.Combine("a/b").RelativeTo(root));
        Assert.Equal("x", StorageUri.Parse("/data/x").RelativeTo(StorageUri.Parse("/data/x")));
        Assert.Throws<ArgumentException>(() => StorageUri.Parse("/data2/x").RelativeTo(StorageUri.Parse("/data")));
        Assert.Throws<ArgumentException>(() => StorageUri.Parse("s3://a/x").RelativeTo(StorageUri.Parse("s3://b")));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("")]
    [InlineData("a\0")]
    public void A_name_that_leads_elsewhere_is_refused(string name) =>
        Assert.Equal(ExitClass.DataError, Assert.Throws<RunException>(() => StorageUri.Parse("/data").Combine(name)).ExitClass);
}
