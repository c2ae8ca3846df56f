import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { assertKnownOptions, type ClockAndTimers, createSystemClock, SwarmError } from '@tradeswarm/core'
import { z } from 'zod'
import type { JsonSchema } from '../batch/batch-task.js'
import { invalidOption } from '../invalid-option.js'
import { textOf } from '../text-of.js'
import type { Calibration } from './calibration.js'
import { type TallyRules, tallyVotes, type Verdict, type Vote } from './tally-votes.js'

/** A model that votes. */
export type Voter = {
  /** Unique in its ensemble. */
  readonly name: string
  readonly model: LanguageModelV4
  readonly calibration: Calibration
}

/** Who votes, on what, and when a vote counts. */
export type EnsembleOptions<Choice extends string> = Partial<TallyRules> & {
  readonly voters: readonly Voter[]
  /** What can be chosen. */
  readonly choices: readonly [Choice, ...Choice[]]
  /** Whoever has not answered by then has not voted; default 30,000. */
  readonly deadlineMs?: number
  readonly clock?: ClockAndTimers
}

/** One who did not vote, and why. */
export type NoVote = {
  readonly voter: string
  readonly reason: 'late' | 'failed' | 'outside-schema'
  readonly error: unknown
}

/** Several models that answer one question. */
export type Ensemble<Choice extends string> = {
  /** Asks all at once, `prompt` as it is. Rejects only with the signal's reason: a model that fails has not voted. */
  ask(
    call: Omit<LanguageModelV4CallOptions, 'responseFormat' | 'abortSignal'>,
    signal?: AbortSignal,
  ): Promise<Verdict<Choice> & { readonly noVotes: readonly NoVote[] }>
}

const names = ['voters', 'choices', 'deadlineMs', 'clock', 'minimumVotes', 'minimumAgreement'] as const

/** By default two must vote, and the winner needs two thirds of the weighted confidence. Throws `INVALID_OPTION`. */
export function createEnsemble<const Choice extends string>(options: EnsembleOptions<Choice>): Ensemble<Choice> {
  assertKnownOptions('createEnsemble', options, names)
  const { voters, choices, deadlineMs = 30_000, minimumVotes = 2, minimumAgreement = 2 / 3 } = options
  const clock = options.clock ?? createSystemClock()
  if (new Set(voters.map(({ name }) => name)).size !== voters.length)
    throw invalidOption('createEnsemble', 'voters', 'must be voters with names of their own')
  if (!Number.isSafeInteger(minimumVotes) || minimumVotes < 1 || minimumVotes > voters.length)
    throw invalidOption(
      'createEnsemble',
      'minimumVotes',
      `must be a whole number from 1 to the number of voters, ${voters.length}`,
    )
  if (!(minimumAgreement > 0.5 && minimumAgreement <= 1))
    throw invalidOption('createEnsemble', 'minimumAgreement', 'must be a share above 0.5, up to 1')
  if (!(deadlineMs >= 1 && deadlineMs <= 3_600_000))
    throw invalidOption('createEnsemble', 'deadlineMs', 'must be from 1 to 3,600,000')
  const ballot = z.strictObject({ choice: z.enum(choices), confidence: z.number().min(0).max(1) })
  const schema: JsonSchema = z.toJSONSchema(ballot, { target: 'draft-7' })

  async function vote(
    { name, model, calibration }: Voter,
    call: LanguageModelV4CallOptions,
  ): Promise<Vote<Choice> | NoVote> {
    try {
      const { content, structuredOutputText } = await model.doGenerate(call)
      const said = ballot.safeParse(jsonOf(structuredOutputText ?? textOf(content)))
      if (!said.success) return { voter: name, reason: 'outside-schema', error: said.error }
      return {
        voter: name,
        choice: said.data.choice as Choice,
        confidence: said.data.confidence,
        weight: calibration.weight(),
      }
    } catch (error) {
      return { voter: name, reason: call.abortSignal?.aborted === true ? 'late' : 'failed', error }
    }
  }

  return {
    async ask(call, signal) {
      signal?.throwIfAborted()
      const closing = new AbortController()
      const late = new SwarmError({ code: 'VOTE_CLOSED', message: `the vote was closed after ${deadlineMs} ms` })
      const cancel = clock.at(clock.now() + deadlineMs, () => closing.abort(late))
      const abortSignal = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal])
      const asked: LanguageModelV4CallOptions = {
        ...call,
        abortSignal,
        responseFormat: { type: 'json', name: 'ballot', schema },
      }
      try {
        // A model that does not heed its signal is not waited for.
        const said = await Promise.all(
          voters.map((voter) => Promise.race([vote(voter, asked), whenClosed(voter.name, abortSignal)])),
        )
        signal?.throwIfAborted()
        const votes = said.filter((one): one is Vote<Choice> => 'choice' in one)
        const noVotes = said.filter((one): one is NoVote => 'reason' in one)
        return { ...tallyVotes(votes, { minimumVotes, minimumAgreement }), noVotes }
      } finally {
        cancel()
      }
    },
  }
}

function whenClosed(voter: string, signal: AbortSignal): Promise<NoVote> {
  return new Promise((resolve) => {
    const close = (): void => resolve({ voter, reason: 'late', error: signal.reason })
    if (signal.aborted) close()
    else signal.addEventListener('abort', close, { once: true })
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
