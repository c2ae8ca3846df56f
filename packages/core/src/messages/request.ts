import type { z } from 'zod'
import { assertDottedName } from './topic.js'

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
}

/** Declares a request. Throws `INVALID_NAME` unless the name is lower case, with dots between its words. */
export function defineRequest<const Name extends string, Input extends z.ZodType, Output extends z.ZodType>(
  name: Name,
  options: RequestOptions<Input, Output>,
): Request<Name, Input, Output> {
  assertDottedName(name, 'request')
  const { input, output, idempotent, callers } = options
  return Object.freeze({
    kind: 'request' as const,
    name,
    input,
    output,
    idempotent,
    ...(callers === undefined ? {} : { callers: Object.freeze([...callers]) }),
  })
}
