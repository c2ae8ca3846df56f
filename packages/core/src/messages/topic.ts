import type { z } from 'zod'
import { SwarmError } from '../errors/swarm-error.js'
import type { Priority } from '../time/clock.js'

/** `durable` messages are in the journal before they are delivered; `ephemeral` ones live in memory only. */
export type Delivery = 'durable' | 'ephemeral'

/** A kind of message: its name, the shape of its payload and how it is delivered. */
export type Topic<Name extends string = string, Schema extends z.ZodType = z.ZodType> = {
  readonly kind: 'topic'
  readonly name: Name
  readonly schema: Schema
  readonly delivery: Delivery
  readonly priority: Priority
  /** Messages with the same key reach each consumer in the order of publishing. */
  key(payload: z.output<Schema>): string
}

/** The shape of a payload, and how its messages are delivered. */
export type TopicOptions<Schema extends z.ZodType> = {
  readonly schema: Schema
  readonly delivery: Delivery
  /** Default `normal`. */
  readonly priority?: Priority
  /** Default: one key for the whole topic. */
  readonly key?: (payload: z.output<Schema>) => string
}

/** The payload that handlers of a topic receive. */
export type PayloadOf<T extends Topic> = z.output<T['schema']>

/** The payload that publishers of a topic give. */
export type PayloadInputOf<T extends Topic> = z.input<T['schema']>

/** Declares a topic. Throws `INVALID_NAME` unless the name is lower case, with dots between its words. */
export function defineTopic<const Name extends string, Schema extends z.ZodType>(
  name: Name,
  options: TopicOptions<Schema>,
): Topic<Name, Schema> {
  assertDottedName(name, 'topic')
  return {
    kind: 'topic',
    name,
    schema: options.schema,
    delivery: options.delivery,
    priority: options.priority ?? 'normal',
    key: options.key ?? (() => ''),
  }
}

export function assertDottedName(name: string, what: string): void {
  if (/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$/.test(name)) return
  throw new SwarmError({
    code: 'INVALID_NAME',
    message: `"${name}" is no name for a ${what}: use lower-case words with dots between them, such as "price.moved"`,
    context: { name },
  })
}
