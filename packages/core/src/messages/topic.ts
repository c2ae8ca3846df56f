import type { z } from 'zod'
import { assertKnownOptions } from '../errors/known-options.js'
import { SwarmError } from '../errors/swarm-error.js'
import type { Priority } from '../time/clock.js'

/** `durable` messages are in the journal before they are delivered; `ephemeral` ones live in memory only. */
export type Delivery = 'durable' | 'ephemeral'

/**
 * What becomes of a message for a subscription that has no room: `reject` tells the publisher with `MAILBOX_FULL`, `block` lets the
 * publisher wait, `drop-oldest` gives up the oldest that waits, and `conflate` lets a newer message take the place of one with the
 * same key that still waits. Only ephemeral messages may be dropped or conflated.
 */
export type Overflow = 'reject' | 'block' | 'drop-oldest' | 'conflate'

/** A kind of message: its name, the shape of its payload and how it is delivered. */
export type Topic<Name extends string = string, Schema extends z.ZodType = z.ZodType> = {
  readonly kind: 'topic'
  readonly name: Name
  readonly schema: Schema
  readonly delivery: Delivery
  readonly priority: Priority
  /** The roles of the agents that may publish it; whoever declares it, when absent. */
  readonly publishers?: readonly string[]
  /** How long after its publishing a message may still be delivered. */
  readonly ttlMs?: number
  /** What happens where a subscriber has no room, unless the subscription says otherwise. */
  readonly overflow: Overflow
  /** What errors call it. */
  readonly place: string
  /** Messages with the same key reach each consumer in the order of publishing. */
  key(payload: z.output<Schema>): string
}

/** The shape of a payload, and how its messages are delivered. */
export type TopicOptions<Schema extends z.ZodType> = {
  readonly schema: Schema
  readonly delivery: Delivery
  /** Default `normal`. */
  readonly priority?: Priority
  /**
   * The only roles whose agents may publish it, each role in one entry of the swarm. `createSwarm` refuses any other agent that declares it.
   * Default: whoever declares it, or services alone when one of them does.
   */
  readonly publishers?: readonly string[]
  /** How long after its publishing a message may still be delivered; for ever by default. */
  readonly ttlMs?: number
  /** What happens where a subscriber has no room, unless the subscription says otherwise. Default `reject`. */
  readonly overflow?: Overflow
  /** Default: one key for the whole topic. */
  readonly key?: (payload: z.output<Schema>) => string
}

/** The payload that handlers of a topic receive. */
export type PayloadOf<T extends Topic> = z.output<T['schema']>

/** The payload that publishers of a topic give. */
export type PayloadInputOf<T extends Topic> = z.input<T['schema']>

/**
 * Declares a topic. Throws `INVALID_NAME` unless the name is lower case, with dots between its words, `INVALID_OPTION` for a time to live
 * that is not positive or an overflow that would lose durable messages.
 */
export function defineTopic<const Name extends string, Schema extends z.ZodType>(
  name: Name,
  options: TopicOptions<Schema>,
): Topic<Name, Schema> {
  assertDottedName(name, 'topic')
  assertKnownOptions(`topic ${name}`, options, topicOptions)
  const { schema, delivery, priority = 'normal', publishers, ttlMs, overflow = 'reject', key = () => '' } = options
  assertSchema(schema, `topic ${name}: schema`)
  assertOneOf(delivery, deliveries, `topic ${name}: delivery`)
  assertOneOf(priority, priorities, `topic ${name}: priority`)
  assertOverflow(overflow, delivery, `topic ${name}`)
  assertRoles(publishers, `topic ${name}: publishers`)
  assertFunction(key, `topic ${name}: key`)
  if (ttlMs !== undefined && !(ttlMs > 0 && Number.isFinite(ttlMs)))
    throw invalidOption(`topic ${name}: ttlMs is ${ttlMs}; it must be a positive number of milliseconds`)
  return Object.freeze({
    kind: 'topic' as const,
    name,
    schema,
    delivery,
    priority,
    overflow,
    place: `topic ${name}`,
    ...(ttlMs === undefined ? {} : { ttlMs }),
    ...(publishers === undefined ? {} : { publishers: Object.freeze([...publishers]) }),
    key,
  })
}

export function assertDottedName(name: string, what: string): void {
  if (/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$/.test(name)) return
  throw new SwarmError({
    code: 'INVALID_NAME',
    message: `"${name}" is no name for a ${what}: use lower-case words with dots between them, such as "price.moved"`,
    context: { name },
  })
}

const topicOptions: readonly (keyof TopicOptions<z.ZodType>)[] = [
  'schema',
  'delivery',
  'priority',
  'publishers',
  'ttlMs',
  'overflow',
  'key',
]
const deliveries: readonly Delivery[] = ['durable', 'ephemeral']
const priorities: readonly Priority[] = ['critical', 'high', 'normal', 'low']
const overflows: readonly Overflow[] = ['reject', 'block', 'drop-oldest', 'conflate']

/** Throws `INVALID_OPTION` for what is no schema of zod. */
export function assertSchema(schema: z.ZodType, option: string): void {
  if (typeof schema?.safeParse === 'function') return
  throw invalidOption(`${option} is ${schema === undefined ? 'missing' : 'not one'}; give it a schema of zod`)
}

/** Throws `INVALID_OPTION` for a word that is none of those that there are. */
export function assertOneOf<Word extends string>(word: Word, words: readonly Word[], option: string): void {
  if (!words.includes(word))
    throw invalidOption(`${option} is "${String(word)}"; it must be one of ${words.join(', ')}`)
}

/** Throws `INVALID_OPTION` for a word that is no overflow, and for one that would lose durable messages. */
export function assertOverflow(overflow: Overflow, delivery: Delivery, place: string): void {
  assertOneOf(overflow, overflows, `${place}: overflow`)
  if (delivery === 'durable' && (overflow === 'drop-oldest' || overflow === 'conflate'))
    throw invalidOption(`${place}: overflow "${overflow}" would lose durable messages; choose "reject" or "block"`)
}

/** Throws `INVALID_OPTION` for what is no list of roles. */
export function assertRoles(roles: readonly string[] | undefined, option: string): void {
  if (roles === undefined || (Array.isArray(roles) && roles.every((role) => typeof role === 'string'))) return
  throw invalidOption(`${option} is no list of roles; write it as ['my-role']`)
}

/** Throws `INVALID_OPTION` for what cannot be called. */
export function assertFunction(value: unknown, option: string): void {
  if (typeof value !== 'function') throw invalidOption(`${option} is ${String(value)}; it must be a function`)
}

export function invalidOption(message: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message })
}
