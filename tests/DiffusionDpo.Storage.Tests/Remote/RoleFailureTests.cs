using System.Net;
using Amazon.Runtime;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Storage.S3;
using Xunit;

namespace DiffusionDpo.Storage.Tests.Remote;

/// <summary>What the AWS library makes of a pod's role that it cannot take on: an exception around the answer, without a word of credentials.</summary>
public sealed class RoleFailureTests
{
    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "AccessDenied", false)]
    [InlineData(HttpStatusCode.BadRequest, "ExpiredTokenException", false)]
    [InlineData(HttpStatusCode.BadRequest, "Throttling", true)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", true)]
    public void A_role_that_is_refused_is_no_network_that_fails(HttpStatusCode status, string code, bool passes)
    {
        var answer = new AmazonServiceException("Not authorized to perform sts:AssumeRoleWithWebIdentity", ErrorType.Sender, code, "1", status);
        var wrapped = new AmazonClientException("Error calling AssumeRole for role arn:aws:iam::1:role/trainer", answer);
        var clients = new S3Clients(new S3Options { Endpoint = "http://127.0.0.1:1" }, new BasicAWSCredentials("key", "secret"));
        var failure = S3Failure.Of(wrapped, StorageUri.Parse("s3://bucket/key"), clients)!;
        Assert.Equal((passes ? ExitClass.StorageError : ExitClass.AuthError, passes), (failure.ExitClass, failure.IsTransient));
        Assert.Contains("AWS_ROLE_ARN", failure.Message, StringComparison.Ordinal);
        Assert.Contains(code, failure.Message, StringComparison.Ordinal);
    }
}
