import type { LanguageModelV4GenerateResult, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { SwarmError } from '@tradeswarm/core'
import { z } from 'zod'
import { keptResult } from '../cache/stored-answer.js'
import { marked, revived } from '../marked-json.js'
import { errorOf, failureOf, type RecordedFailure, recordedFailure } from './recorded-failure.js'

/** How a call ended: with an answer, with a failure, or, for a stream, with some parts and then either of them. */
export type Outcome = {
  readonly result?: LanguageModelV4GenerateResult
  /** As {@link partText}. */
  readonly parts?: readonly string[]
  readonly failure?: RecordedFailure
  /** The caller read no further. */
  readonly isCancelled?: boolean
}

const outcomeVersion = 1
const outcome = z.object({
  version: z.literal(outcomeVersion),
  result: z.looseObject({ content: z.array(z.looseObject({ type: z.string() })) }).optional(),
  parts: z.array(z.string()).optional(),
  failure: recordedFailure.optional(),
  isCancelled: z.boolean().optional(),
})

/** An outcome as the text that is kept: without bodies and headers of requests and responses, which may hold secrets. */
export function outcomeText({ result, ...rest }: Outcome): string {
  return JSON.stringify({
    version: outcomeVersion,
    ...(result === undefined ? {} : { result: marked(keptResult(result)) }),
    ...rest,
  })
}

/** Reads {@link outcomeText}. What was asked just now is read from its text too, so that a replay gives the very same. Throws `RUN_UNREADABLE`. */
export function readOutcome(text: string): Outcome {
  try {
    const read = outcome.parse(JSON.parse(text))
    return { ...read, ...(read.result === undefined ? {} : { result: revived(read.result) }) } as Outcome
  } catch (cause) {
    throw new SwarmError({
      code: 'RUN_UNREADABLE',
      message: 'a recorded answer of a language model is not as it was written, or of another version',
      cause,
    })
  }
}

/** A part of a stream as the text that is kept. */
export function partText(part: LanguageModelV4StreamPart): string {
  return JSON.stringify(part.type === 'error' ? { type: 'error', failure: failureOf(part.error) } : marked(part))
}

/** Reads {@link partText}. */
export function readPart(text: string): LanguageModelV4StreamPart {
  const part = JSON.parse(text) as { readonly type: string; readonly failure?: RecordedFailure }
  if (part.type === 'error' && part.failure !== undefined) return { type: 'error', error: errorOf(part.failure) }
  return revived(part) as LanguageModelV4StreamPart
}
