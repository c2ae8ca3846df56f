import { DurableObject } from 'cloudflare:workers'
import { Agent, createSwarm, defineTopic, type Swarm } from '@tradeswarm/core'
import { createD1Storage, type D1DatabaseBinding, type R2BucketBinding } from '@tradeswarm/storage-d1'
import { z } from 'zod'

type Bindings = {
  readonly DATABASE: D1DatabaseBinding
  readonly BLOBS: R2BucketBinding
  readonly SWARM: { getByName(name: string): { fetch(request: Request): Promise<Response> } }
}

const Visited = defineTopic('page.visited', { schema: z.object({ path: z.string() }), delivery: 'durable' })

class Visits extends Agent<typeof Visits> {
  static readonly role = 'visits'

  protected override onStart() {
    this.subscribe(Visited, async ({ path }, { state }) => state.set(path, (state.get<number>(path) ?? 0) + 1))
  }
}

/** One swarm in one Durable Object, of which Cloudflare runs one instance at most: a swarm has one writer. */
export class SwarmObject extends DurableObject<Bindings> {
  #swarm: Promise<Swarm> | undefined

  override async fetch(request: Request): Promise<Response> {
    this.#swarm ??= this.#start().catch((error: unknown) => {
      this.#swarm = undefined
      throw error
    })
    const swarm = await this.#swarm
    if (request.method === 'DELETE') {
      await swarm.stop()
      this.#swarm = undefined
      return new Response('stopped')
    }
    const id = await swarm.publish(Visited, { path: new URL(request.url).pathname })
    return Response.json({ id }, { status: 202 })
  }

  async #start(): Promise<Swarm> {
    const storage = createD1Storage({
      database: this.env.DATABASE,
      blobs: this.env.BLOBS,
      databaseName: 'DATABASE',
    })
    const swarm = createSwarm({ agents: [Visits], storage })
    await swarm.start()
    return swarm
  }
}

// biome-ignore lint/style/noDefaultExport: a Worker is its default export
export default {
  fetch: (request: Request, { SWARM }: Bindings) => SWARM.getByName('main').fetch(request),
}
