import { instrumentKinds } from '@tradeswarm/trading'
import { z } from 'zod'

const text = z.string()

const instrument = z.object({
  symbol: text,
  kind: z.enum(instrumentKinds),
  asset: text,
  currency: text,
  tickSize: text,
  lotSize: text,
  minimumNotional: text,
  multiplier: text.exactOptional(),
  contractType: z.enum(['linear', 'inverse']).exactOptional(),
  calendar: z.enum(['us-equity', 'always-open']),
})

/** The first entry of a run's journal: all that decides about it, beside the inputs that follow. */
export const runHeader = z.object({
  format: z.literal(1),
  tape: z.object({
    hash: text,
    tradeFrom: text,
    tradeTo: text,
    instruments: z.array(instrument),
    source: z.object({ name: text, weight: z.number(), synthetic: z.boolean() }),
  }),
  swarm: z.object({
    symbols: z.array(text),
    policy: z.record(text, z.unknown()),
    config: z.record(text, z.unknown()),
    /** Roles of agents that are not the five of the SDK: a replay needs their code. */
    customAgents: z.array(text),
    /** The language models of the Analyst, by the part that they play, and up to when they have read. */
    models: z
      .array(
        z.object({
          part: z.enum(['reader', 'reasoner', 'bull', 'bear', 'judge']),
          model: text,
          cutoff: text.exactOptional(),
        }),
      )
      .exactOptional(),
  }),
  /** Sentences about the run, beside those about its tape, that every report must show. */
  labels: z.array(text),
  account: text,
  cash: z.record(text, text),
  fees: z.object({ basisPoints: text }),
  slippage: z.object({ basisPoints: text }),
  seed: z.number(),
})

/** What a run was made with, as the first entry of its journal tells it. */
export type RunHeader = z.output<typeof runHeader>

/** The kind of the header's journal entry. */
export const runHeaderKind = 'run'
/** The id of the header's journal entry. */
export const runHeaderId = 'run-header'
