import type { LanguageModelV4CallOptions, SharedV4ProviderOptions } from '@ai-sdk/provider'
import { SwarmError } from '@tradeswarm/core'
import { z } from 'zod'

const contextSchema = z.strictObject({
  agent: z.string().min(1).optional(),
  strategy: z.string().min(1).optional(),
  promptVersion: z.string().min(1).optional(),
  epoch: z.string().optional(),
  cache: z.boolean().optional(),
})

/** Who makes a call, and for what. It travels with the call under `providerOptions.tradeswarm`, which no provider reads. */
export type CallContext = {
  /** Who asks. */
  readonly agent?: string | undefined
  readonly strategy?: string | undefined
  /** The version of the prompt: another one is another call. */
  readonly promptVersion?: string | undefined
  /** The market data that the prompt rests on; goes before the cache's own `epoch`. */
  readonly epoch?: string | undefined
  /** `false`: neither look for an answer, nor store or share this one. */
  readonly cache?: boolean | undefined
}

/** `providerOptions` of one call: `generateText({ model, prompt, providerOptions: callContext({ agent: 'analyst' }) })`. Throws `INVALID_CALL_CONTEXT`. */
export function callContext(context: CallContext): SharedV4ProviderOptions {
  return { tradeswarm: parseContext(context) }
}

/** The context that came with a call; empty where none did. Throws `INVALID_CALL_CONTEXT`, before anything is sent. */
export function contextOf(options: LanguageModelV4CallOptions): CallContext {
  const given = options.providerOptions?.['tradeswarm']
  return given === undefined ? {} : parseContext(given)
}

function parseContext(given: unknown): z.infer<typeof contextSchema> {
  const parsed = contextSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new SwarmError({
    code: 'INVALID_CALL_CONTEXT',
    message: `providerOptions.tradeswarm${issue?.path.map((step) => `.${String(step)}`).join('')}: ${issue?.message}; make it with callContext({ … })`,
    cause: parsed.error,
  })
}
