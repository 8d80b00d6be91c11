using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.FieldOwnership;
using KubeApi.Storage;

namespace KubeApi.Resources;

/// <summary>What differs from kind to kind when objects are written. The defaults fit a plain builtin kind such as ConfigMap.</summary>
public class ResourceStrategy
{
    /// <summary>Whether metadata.generation counts changes of the content.</summary>
    public virtual bool CountsGenerations => false;

    /// <summary>Whether an update without resourceVersion is taken.</summary>
    public virtual bool AllowsUnconditionalUpdate => true;

    /// <summary>Whether an update of an object that does not exist creates it.</summary>
    public virtual bool AllowsCreateOnUpdate => false;

    /// <summary>Whether a status sent with a creation is taken.</summary>
    public virtual bool KeepsStatusOnCreate => false;

    /// <summary>Whether writes of /status may also change metadata (labels, annotations, finalizers).</summary>
    public virtual bool StatusCarriesMetadata => true;

    /// <summary>Columns of a builtin kind's Table between name and age.</summary>
    public virtual IReadOnlyList<Definitions.PrinterColumn> Columns => [];

    /// <summary>The fields that field selectors may name.</summary>
    public virtual IReadOnlyCollection<string> SelectableFields { get; } = ["metadata.name", "metadata.namespace"];

    public virtual string UnknownFieldLabel(string field) =>
        $"{FieldError.Quote(field)} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";

    /// <summary>How lists and maps of the kind are owned and merged.</summary>
    public virtual FieldSchema Fields => FieldSchema.Deduced;

    /// <summary>Brings a decoded body into the stored form: drops unknown fields (and names them), converts.</summary>
    public virtual void Decode(JsonObject document, ICollection<string> unknown)
    {
    }

    /// <summary>Fills in defaults; also on what is read from the store.</summary>
    public virtual void Default(JsonObject document)
    {
    }

    public virtual void PrepareForCreate(JsonObject document)
    {
    }

    public virtual void PrepareForUpdate(JsonObject document, JsonObject before)
    {
    }

    public virtual void PrepareForStatusUpdate(JsonObject document, JsonObject before)
    {
    }

    /// <summary>Complaints about an object; <paramref name="before"/> is null at creation.</summary>
    public virtual IEnumerable<FieldError> Validate(JsonObject document, JsonObject? before) => [];

    /// <summary>Complaints about an object whose status is written.</summary>
    public virtual IEnumerable<FieldError> ValidateStatus(JsonObject document, JsonObject before) => Validate(document, before);

    /// <summary>Complaints about the name, by default those of a DNS subdomain.</summary>
    public virtual IEnumerable<FieldError> ValidateName(string name) => ObjectNames.Subdomain("metadata.name", name);

    /// <summary>What a deletion does with dependants where the request does not say: nothing to wait for (Background), or Orphan.</summary>
    public virtual string DefaultPropagation => "Background";

    /// <summary>What a deletion that says nothing about dependants is warned of.</summary>
    public virtual string? DefaultPropagationWarning => null;

    /// <summary>Whether the answer to a deletion is the object even when it is gone at once.</summary>
    public virtual bool ReturnsDeleted => DeletesGracefully;

    /// <summary>Whether every deletion first marks the object, be it for zero seconds.</summary>
    public virtual bool DeletesGracefully => false;

    /// <summary>Whether a marked object shows deletionGracePeriodSeconds.</summary>
    public virtual bool ShowsGracePeriod => true;

    /// <summary>Seconds the object stays after a deletion before it is removed.</summary>
    public virtual long GracePeriod(JsonObject document, long? asked) => 0;

    /// <summary>Whether something other than finalizers keeps the object for now (a namespace's own finalizer list).</summary>
    public virtual bool HoldsDeletion(JsonObject document) => false;

    /// <summary>What else shows that an object is being deleted.</summary>
    public virtual void MarkDeleted(JsonObject document)
    {
    }

    /// <summary>Called after a write, outside the store's lock: a CRD makes its resource served this way.</summary>
    public virtual void Written(ApiServer server, Change change)
    {
    }
}
