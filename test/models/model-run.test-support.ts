import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import {
  createFakeAnthropic,
  createFakeOpenAi,
  type FakeModelAnswer,
  type FakeModelOptions,
  type FakeModelRequest,
  type FakeModelServer,
} from '@tradeswarm/testing/fakes'

/** A provider that runs on this machine, and its model as a user makes it. */
export type FakeProvider = { readonly server: FakeModelServer; readonly model: LanguageModelV4 }

export const providers = {
  async openAi(options: FakeModelOptions): Promise<FakeProvider> {
    const server = await createFakeOpenAi(options)
    return { server, model: createOpenAI({ baseURL: server.baseUrl, apiKey: server.apiKey })('gpt-5-mini') }
  },
  async anthropic(options: FakeModelOptions): Promise<FakeProvider> {
    const server = await createFakeAnthropic(options)
    return { server, model: createAnthropic({ baseURL: server.baseUrl, apiKey: server.apiKey })('claude-haiku-4-5') }
  },
} as const

export type Item = { readonly id: string; readonly item: Readonly<Record<string, unknown>> }

/** The part that a request asks for, by its instructions. */
export function partOf({ system }: FakeModelRequest): 'reader' | 'reasoner' | 'judge' | 'bull' | 'bear' {
  if (system.includes('You classify posts')) return 'reader'
  if (system.includes('You judge between')) return 'judge'
  if (system.includes('You are the bull')) return 'bull'
  return system.includes('You are the bear') ? 'bear' : 'reasoner'
}

export function itemsOf({ user }: FakeModelRequest): readonly Item[] {
  return JSON.parse(user) as Item[]
}

/** A whole answer to a batch: what `answer` says of each item. */
export function answersTo(request: FakeModelRequest, answer: (item: Item['item']) => unknown): string {
  return JSON.stringify({ answers: itemsOf(request).map(({ id, item }) => ({ id, answer: answer(item) })) })
}

function honestReading(text: string) {
  const stance = /buy|up|beat|strong|bull/i.test(text)
    ? 'bullish'
    : /sell|down|miss|weak|bear/i.test(text)
      ? 'bearish'
      : 'neutral'
  return {
    relevance: 'about',
    stance,
    strength: stance === 'neutral' ? 0 : 0.7,
    certainty: 0.6,
    kind: 'opinion',
    event: 'none',
  }
}

type RulesOf = { readonly rules: { readonly action: string; readonly score?: number; readonly confidence?: number } }

/** Agrees with the rules, and repeats nothing but what it was told. */
export function honestOpinion(brief: Readonly<Record<string, unknown>>) {
  const { rules } = brief as RulesOf
  const action = rules.action
  const score = rules.score ?? 0
  const confidence = rules.confidence ?? 0
  return {
    symbol: brief['symbol'],
    action,
    score,
    confidence,
    scenarios: {
      base: { probability: 0.5, returnPercent: 1 },
      bull: { probability: 0.3, returnPercent: 5 },
      bear: { probability: 0.2, returnPercent: -4 },
    },
    evidence: ['rules', 'price'],
    rationale: `The rules say ${action} at a score of ${score}, and the bear case of -4% has a probability of 20%.`,
  }
}

/** Answers every part as it should. */
export function honestModel(request: FakeModelRequest): FakeModelAnswer {
  const part = partOf(request)
  if (part === 'reader') return answersTo(request, ({ text }) => honestReading(String(text)))
  if (part === 'reasoner') return answersTo(request, honestOpinion)
  if (part === 'judge') return answersTo(request, ({ brief }) => honestOpinion(brief as Item['item']))
  return answersTo(request, () => ({ points: [{ evidence: 'price', strength: 0.5 }], conviction: 0.5 }))
}

/** Answers every part as it should, within the process: for runs that cannot wait for a wire. */
export const honestLanguageModel: LanguageModelV4 = {
  specificationVersion: 'v4',
  provider: 'honest',
  modelId: 'gpt-5-mini',
  supportedUrls: {},
  async doGenerate({ prompt }) {
    const textOf = (role: string): string => {
      const content = prompt.find((message) => message.role === role)?.content ?? ''
      return typeof content === 'string'
        ? content
        : content.map((part) => (part.type === 'text' ? part.text : '')).join('')
    }
    const request = { system: textOf('system'), user: textOf('user') } as FakeModelRequest
    return {
      content: [{ type: 'text', text: honestModel(request) as string }],
      finishReason: { unified: 'stop', raw: 'stop' },
      usage: {
        inputTokens: { total: 100, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
        outputTokens: { total: 10, text: 10, reasoning: 0 },
      },
      warnings: [],
    }
  },
  doStream: () => Promise.reject(new Error('nothing streams here')),
}
