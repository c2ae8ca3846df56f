import type { z } from 'zod'
import { assertKnownOptions } from '../errors/known-options.js'
import type { SelectionName } from '../registry/selection.js'
import { assertDottedName, assertFunction, assertOneOf, assertRoles, assertSchema, invalidOption } from './topic.js'

/** A question with one answer. */
export type Request<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> = {
  readonly kind: 'request'
  readonly name: Name
  readonly input: Input
  readonly output: Output
  /** True when asking twice has the effect of asking once. */
  readonly idempotent: boolean
  /** The roles of the agents that may ask it; whoever declares it, when absent. */
  readonly callers?: readonly string[]
  /** How long a caller waits, unless the call says otherwise. */
  readonly timeoutMs: number
  /** How a replica is chosen for each call. */
  readonly selection: SelectionName
  /** Calls with the same key go to the same replica where the selection is `consistent-hash`. */
  key(input: z.output<Input>): string
}

/** The shapes of question and answer, each a zod schema, and whether asking twice does harm. */
export type RequestOptions<Input extends z.ZodType, Output extends z.ZodType> = {
  readonly input: Input
  readonly output: Output
  readonly idempotent: boolean
  /**
   * The only roles whose agents may ask it, each role in one entry of the swarm. `createSwarm` refuses any other agent that declares it.
   * Default: whoever declares it.
   */
  readonly callers?: readonly string[]
  /** How long a caller waits, unless the call says otherwise; default 5,000. */
  readonly timeoutMs?: number
  /** How a replica is chosen for each call; default `round-robin`. */
  readonly selection?: SelectionName
  /** For `consistent-hash`: calls with the same key go to the same replica. Default: one key for all. */
  readonly key?: (input: z.output<Input>) => string
}

const defaultTimeoutMs = 5_000
const requestOptions: readonly (keyof RequestOptions<z.ZodType, z.ZodType>)[] = [
  'input',
  'output',
  'idempotent',
  'callers',
  'timeoutMs',
  'selection',
  'key',
]
const selections: readonly SelectionName[] = ['round-robin', 'least-loaded', 'power-of-two-choices', 'consistent-hash']

/**
 * Declares a request. Throws `INVALID_NAME` unless the name is lower case, with dots between its words, `INVALID_OPTION` for a time-out that
 * is not positive or a selection that there is not.
 */
export function defineRequest<const Name extends string, Input extends z.ZodType, Output extends z.ZodType>(
  name: Name,
  options: RequestOptions<Input, Output>,
): Request<Name, Input, Output> {
  assertDottedName(name, 'request')
  assertKnownOptions(`request ${name}`, options, requestOptions)
  const { input, output, idempotent, callers, timeoutMs = defaultTimeoutMs, selection = 'round-robin' } = options
  assertSchema(input, `request ${name}: input`)
  assertSchema(output, `request ${name}: output`)
  if (typeof idempotent !== 'boolean')
    throw invalidOption(
      `request ${name}: idempotent is ${String(idempotent)}; say true if asking twice does no harm, else false`,
    )
  if (!(timeoutMs > 0 && Number.isFinite(timeoutMs)))
    throw invalidOption(`request ${name}: timeoutMs is ${timeoutMs}; it must be a positive number of milliseconds`)
  assertOneOf(selection, selections, `request ${name}: selection`)
  assertRoles(callers, `request ${name}: callers`)
  if (options.key !== undefined) assertFunction(options.key, `request ${name}: key`)
  return Object.freeze({
    kind: 'request' as const,
    name,
    input,
    output,
    idempotent,
    timeoutMs,
    selection,
    key: options.key ?? (() => ''),
    ...(callers === undefined ? {} : { callers: Object.freeze([...callers]) }),
  })
}
