export type { D1DatabaseBinding, D1StatementBinding, KvNamespaceBinding, R2BucketBinding } from './bindings.js'
export { createD1Storage, type D1StorageOptions } from './create-d1-storage.js'
export { migrate } from './migrate.js'
export { type D1Migration, d1Migrations } from './schema.js'
