/** The bindings of the Worker that the tests run in, as vitest.config.ts names them. */
declare module 'cloudflare:workers' {
  import type { D1Database, DurableObjectNamespace, KVNamespace, R2Bucket } from '@cloudflare/workers-types'

  export const env: {
    readonly DATABASE: D1Database
    readonly DATABASE_1: D1Database
    readonly DATABASE_2: D1Database
    readonly DATABASE_3: D1Database
    readonly SCRIPTED_HOUR: D1Database
    readonly REAL_TIME: D1Database
    readonly BLOBS: R2Bucket
    readonly CACHE: KVNamespace
    readonly SWARM: DurableObjectNamespace
  }

  /** The Worker itself. */
  export const exports: { readonly default: { fetch(url: string, init?: RequestInit): Promise<Response> } }

  export abstract class DurableObject<Env> {
    constructor(context: unknown, env: Env)
    protected readonly env: Env
    fetch(request: Request): Response | Promise<Response>
  }
}

declare module 'cloudflare:test' {
  import type { DurableObjectStub } from '@cloudflare/workers-types'

  export function evictDurableObject(stub: DurableObjectStub): Promise<void>
}
