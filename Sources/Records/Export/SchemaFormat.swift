/// A form in which a reader takes a schema.
public enum SchemaFormat: String, Sendable, CaseIterable {
    /// JSON Schema 2020-12.
    case jsonschema
    /// SQL for DuckDB: a table macro with the explicit column types.
    case duckdb
    /// Python for polars: a dictionary of types.
    case polars
    /// The JSON form of a Spark StructType.
    case spark
    /// A Markdown table of all keys, for people.
    case markdown
    /// A Markdown table of every value of every closed vocabulary, of both kinds of records.
    case taxonomy
}

extension Schema {
    /// The schema in one of the forms, ready to be printed.
    public func text(as format: SchemaFormat) -> String {
        switch format {
        case .jsonschema: JSONSchemaExport.text(name: name, version: version, descriptions)
        case .duckdb: DuckDBExport.text(name: name, descriptions)
        case .polars: PolarsExport.text(name: name, descriptions)
        case .spark: SparkExport.text(descriptions)
        case .markdown: MarkdownExport.text(descriptions)
        case .taxonomy: TaxonomyExport.text
        }
    }

    /// The argument of DuckDB's `read_json(…, columns = …)`.
    public var duckDBColumns: String { DuckDBExport.columns(descriptions) }
}
