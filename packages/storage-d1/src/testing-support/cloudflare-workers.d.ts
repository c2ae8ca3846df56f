/** The bindings of the Worker that the tests run in, as vitest.config.ts names them. */
declare module 'cloudflare:workers' {
  import type { D1Database, KVNamespace, R2Bucket } from '@cloudflare/workers-types'

  export const env: {
    readonly DATABASE_1: D1Database
    readonly DATABASE_2: D1Database
    readonly DATABASE_3: D1Database
    readonly BLOBS: R2Bucket
    readonly CACHE: KVNamespace
  }
}
