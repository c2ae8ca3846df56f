// An analyst that asks a language model, in a backtest that is repeated without one call. A server on this machine stands in for OpenAI, and never says
// the same thing twice: only the record can give its answers again.
import { createOpenAI } from '@ai-sdk/openai'
import { defineTradingSwarm, MarketBar, RecommendationIssued, SignalAggregated } from '@tradeswarm/agents'
import { backtest, bundledTape, replayRun } from '@tradeswarm/backtest'
import { Agent } from '@tradeswarm/core'
import { callContext, createModelRecorder, withSwarmEconomics } from '@tradeswarm/llm'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createFakeOpenAi } from '@tradeswarm/testing/fakes'

let answers = 0
const server = await createFakeOpenAi({
  answer: () => {
    answers += 1
    return JSON.stringify({ buy: answers % 3 === 0 })
  },
})
const openai = createOpenAI({ baseURL: server.baseUrl, apiKey: server.apiKey })

/** A swarm whose analyst asks; `question` is what it asks. */
function askingSwarm(question: string) {
  const recorder = createModelRecorder()
  const model = recorder.record(withSwarmEconomics(openai('gpt-5-mini'))) // outermost: what is inside costs nothing in a replay

  class AskingAnalyst extends Agent<typeof AskingAnalyst> {
    static readonly role = 'analyst'
    static readonly publishes = [RecommendationIssued]

    protected override onStart(): void {
      this.subscribe(MarketBar, (bar, context) => context.state.set(`close/${bar.symbol}`, Number(bar.close)))
      this.subscribe(SignalAggregated, async ({ symbol, sessionDate, at }, context) => {
        const close = context.state.get<number>(`close/${symbol}`)
        if (close === undefined || new Date(at).getUTCDay() !== 1) return
        const { content } = await model.doGenerate({
          prompt: [{ role: 'user', content: [{ type: 'text', text: `${question} ${symbol} on ${sessionDate}?` }] }],
          providerOptions: callContext({ agent: this.id, promptVersion: '1', epoch: sessionDate }),
        })
        const [said] = content
        if (said?.type !== 'text' || !said.text.includes('"buy":true')) return
        await context.publish(RecommendationIssued, {
          symbol,
          sessionDate,
          direction: 'enter-long',
          setup: 'asked',
          score: 1,
          confidence: 1,
          horizonSessions: 4,
          referencePrice: close.toFixed(2),
          entryPrice: close.toFixed(2),
          stopPrice: (close * 0.95).toFixed(2),
          targetPrice: (close * 1.1).toFixed(2),
          riskReward: 2,
          rank: 1,
          reasons: [],
          signalMessageId: context.message?.id ?? '',
          parametersVersion: 0,
        })
      })
    }
  }
  return defineTradingSwarm({ symbols: ['SPX'], replace: { analyst: AskingAnalyst }, services: [recorder.service] })
}

const storage = createMemoryStorage()
const tape = await bundledTape({ to: '2014-03-31' })
const run = await backtest({ tape, swarm: askingSwarm('Buy'), cash: { USD: '100000' }, storage })
console.log(`run: ${server.seen.length} calls, ${run.counts.trades} trades`)

const recorded = await storage.open({ clock: { now: () => 0 } })
const again = await replayRun(recorded, { swarm: askingSwarm('Buy') })
console.log(
  `replay: ${again.status}, the same journal hash: ${'journalHash' in again && again.journalHash === run.journalHash}`,
)

const other = await replayRun(recorded, { swarm: askingSwarm('Would you buy') })
console.log(other.status === 'different' ? other.difference.message.replace(/^entry \d+/, 'entry …') : 'the same')
console.log(`calls after all of it: ${server.seen.length}`)
await recorded.close()
await server.close()
