import { defineRequest, defineTopic } from '@tradeswarm/core'
import { z } from 'zod'
import { argument } from '../models/argument.js'
import { brief } from '../models/brief.js'
import { opinion, scenarios } from '../models/opinion.js'
import { reading } from '../models/reading.js'
import { amountText, epochMs, sessionDate, symbol } from './shapes.js'

/** Symbols and posts of one round at most. */
const maximumBriefs = 1_000
const maximumPosts = 10_000
/** A caller sets its own time-out, from the deadline in the Analyst's options. */
const longestMs = 900_000

/** Why there is no answer of a model, or why one was not taken. */
const modelFaults = [
  'no-answer',
  'outside-schema',
  'wrong-symbol',
  'inconsistent',
  'probabilities',
  'no-such-evidence',
  'unreadable-rationale',
  'made-up-number',
  'unknown-symbol',
  'text-erased',
  'late',
  'over-budget',
  'option-rejected',
  'unauthorised',
  'unavailable',
  'failed',
] as const

export const modelFaultName = z.enum(modelFaults)
const part = z.enum(['reader', 'reasoner', 'bull', 'bear', 'judge'])

/** Which model answered which prompt. */
export const modelUse = z.object({ part, model: z.string().max(200), prompt: z.string().max(40) })

const postKey = { symbol, source: z.string(), id: z.string() }

/** Asks the reader model about posts, by the hashes of their texts. Only words from fixed lists and bounded numbers come back. */
export const ReadPosts = defineRequest('posts.read', {
  input: z.object({
    posts: z.array(z.object({ ...postKey, textHash: z.string().length(64) })).max(maximumPosts),
  }),
  output: z.object({
    readings: z.array(z.object({ ...postKey, reading })),
    rejected: z.array(z.object({ ...postKey, fault: modelFaultName })),
    uses: z.array(modelUse),
    /** In US dollars; absent where a call had no price. */
    costUsd: amountText.exactOptional(),
  }),
  idempotent: true,
  callers: ['analyst'],
  timeoutMs: longestMs,
})

const debate = z.object({ rounds: z.int().min(1), bull: argument.exactOptional(), bear: argument.exactOptional() })

/** Asks the reasoner, or advocates and a judge, about briefs. What comes back has been checked against the brief. */
export const FormOpinions = defineRequest('opinions.form', {
  input: z.object({ sessionDate, briefs: z.array(brief).max(maximumBriefs) }),
  output: z.object({
    opinions: z.array(z.object({ opinion, uses: z.array(modelUse), debate: debate.exactOptional() })),
    rejected: z.array(z.object({ symbol, part, fault: modelFaultName })),
    costUsd: amountText.exactOptional(),
  }),
  idempotent: true,
  callers: ['analyst'],
  timeoutMs: longestMs,
})

/** What the models had to do with a recommendation. */
export const modelBasis = z.object({
  /** Whose recommendation it is: the model's, or that of the rules since the model's was not taken. */
  origin: z.enum(['model', 'rules']),
  /** Why the model's answer was not taken. */
  fault: modelFaultName.exactOptional(),
  uses: z.array(modelUse),
  /** This recommendation's equal part of what its round cost, in US dollars; absent where a call had no price. */
  costUsd: amountText.exactOptional(),
  /** The brief, and the rationale of the model: texts in the blob store. */
  briefHash: z.string().length(64),
  rationaleHash: z.string().length(64).exactOptional(),
  scenarios: scenarios.exactOptional(),
  /** Fractions of the price. */
  expectedReturn: z.number().exactOptional(),
  rewardToRisk: z.number().min(0).exactOptional(),
  sections: z.array(z.string()),
  debate: debate.exactOptional(),
  /** The posts that a reader model judged. */
  posts: z.array(z.object({ source: z.string(), id: z.string(), reading })),
})

/** What a recommendation owes to models. */
export type ModelBasis = z.output<typeof modelBasis>

const counts = z.record(z.string(), z.int().min(1))

/** What the models did before a session: how much was asked, taken and rejected, and why. */
export const ModelRoundCompleted = defineTopic('model.round-completed', {
  schema: z.object({
    sessionDate,
    at: epochMs,
    posts: z.object({ asked: z.int().min(0), read: z.int().min(0), rejected: counts }),
    opinions: z.object({
      asked: z.int().min(0),
      accepted: z.int().min(0),
      rejected: counts,
      /** Of the accepted: the model saw no reason to act, or its reason was too weak. */
      none: z.int().min(0),
      weak: z.int().min(0),
      /** Of the rejected: the rules decided in its place. */
      byRules: z.int().min(0),
    }),
    rejections: z.array(z.object({ symbol, part, fault: modelFaultName })),
    uses: z.array(modelUse),
    costUsd: amountText.exactOptional(),
  }),
  delivery: 'durable',
  publishers: ['analyst'],
})
