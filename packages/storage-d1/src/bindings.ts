/** What this package calls on a D1 binding; a `D1Database` of the Workers types fits. */
export type D1DatabaseBinding = {
  prepare(query: string): D1StatementBinding
  batch<Row = unknown>(statements: D1StatementBinding[]): Promise<{ readonly results: Row[] }[]>
}

/** What this package calls on a prepared statement of D1. */
export type D1StatementBinding = {
  bind(...values: unknown[]): D1StatementBinding
  all<Row = Record<string, unknown>>(): Promise<{ readonly results: Row[] }>
}

/** What this package calls on an R2 binding; an `R2Bucket` of the Workers types fits. */
export type R2BucketBinding = {
  get(key: string): Promise<{ text(): Promise<string> } | null>
  put(key: string, value: string, options?: { readonly sha256?: string }): Promise<unknown>
  delete(keys: string | string[]): Promise<void>
}

/** What this package calls on a KV binding; a `KVNamespace` of the Workers types fits. */
export type KvNamespaceBinding = {
  get(key: string): Promise<string | null>
  put(key: string, value: string, options?: { readonly expirationTtl?: number }): Promise<void>
  delete(key: string): Promise<void>
}
