import type { Random } from '@tradeswarm/core'
import type { OrderIntent, OrderRecord, PortfolioView } from '@tradeswarm/trading'
import { subjectAsked, subjectDenied, subjectPermitted } from './coverage.js'
import { decidedIntents } from './decided-intents.js'
import type { EnterStep } from './enter-step.js'
import { garbageIntent } from './garbage-intent.js'
import type { KernelLife } from './kernel-life.js'
import { exitsAround, meetingIntents, textOf } from './netting-act.js'
import type { Observation } from './observation.js'
import { accountOf, pickInstrument, type Step } from './scenario.js'
import { simulatedSession } from './session-calendar.js'
import { simulatedStrategy } from './simulated-names.js'
import type { SimulatedWorld } from './simulated-world.js'

/** What an agent under simulation sees when it is asked. */
export type AgentView = {
  readonly now: number
  readonly random: Random
  /** The last price of each symbol, as its kernel was told. */
  readonly prices: ReadonlyMap<string, string>
  readonly portfolio: PortfolioView
  /** Fields of an intent that are the same for all: account, agent, ids of its own. */
  readonly intent: (fields: IntentFields) => OrderIntent
}

/** What an agent says of an intent; the rest is filled in. */
export type IntentFields = Pick<OrderIntent, 'symbol' | 'side' | 'quantity'> & Partial<OrderIntent>

/** Decides at each price, at once: nobody waits for a promise. What it returns is assessed, and submitted when it is permitted. Where it throws, the subject has failed at that seed. */
export type SimulatedAgent = {
  readonly name: string
  decide(view: AgentView): readonly OrderIntent[]
}

/** The agents of a subject, and who is told of one that throws. */
type AgentsUnderTest = {
  readonly agents: readonly SimulatedAgent[]
  readonly onThrown: (agent: string, thrown: unknown) => void
}

type AgentStep = Extract<Step, { do: 'enter' | 'leave' | 'meet' | 'garbage' | 'cancel' | 'amend' }>

/** What an entry is made at. */
export type EntryMarket = {
  readonly symbol: string
  readonly price: number
  readonly now: number
  readonly intent: IntentFields
}

/** The agents: they ask, in the order of the steps, and do not wait for one another. */
export type AgentDesk = {
  act(step: AgentStep): void
  /** An agent enters as the step says, but for the fields that are given instead; the id of its intent, where it asked. */
  enter(step: EnterStep, fieldsFor?: (market: EntryMarket) => Partial<OrderIntent>): string | undefined
  /** What an agent would ask for. */
  intentFor(step: EnterStep, fields: Partial<OrderIntent>): OrderIntent | undefined
  /** An order is looked at again, at the prices of now. */
  seen(life: KernelLife, intentId: string): void
  /** None of them asks for so long. */
  silence(ms: number): void
  tick(sessionDate: string): void
  /** From now on none of them asks any more. */
  retire(): void
  sessionDate(): string
}

export function createAgentDesk(
  world: SimulatedWorld,
  lifeOf: (agent: number) => KernelLife | undefined,
  { agents, onThrown }: AgentsUnderTest,
  observe: (observation: Observation) => void,
  note: (line: string) => void,
): AgentDesk {
  const { scenario, time } = world
  const random = world.random.fork('agents')
  let count = 0
  let retired = false
  let silentUntil = 0
  let date = simulatedSession(0).date
  const made: OrderIntent[] = []
  const intentOf = (agent: string, fields: IntentFields): OrderIntent => {
    count += 1
    return {
      intentId: `intent-${count}`,
      account: accountOf(scenario),
      agent,
      strategy: simulatedStrategy(Number(agent.at(-1))),
      type: 'market',
      timeInForce: 'day',
      decidedAt: time.now(),
      causationId: `cause-${count}`,
      correlationId: `chain-${count}`,
      ...fields,
    }
  }
  const seen = (life: KernelLife, intentId: string, intent?: OrderIntent): void =>
    observe({
      type: 'asked',
      intentId,
      prices: new Map(life.prices),
      crossed: new Set(life.crossed),
      ...(intent === undefined ? {} : { intent }),
    })
  const ask = (
    life: KernelLife,
    intent: OrderIntent,
    submit: EnterStep['submit'],
    told: (denials: readonly string[]) => void = () => undefined,
  ): void => {
    made.push(intent)
    seen(life, String(intent?.intentId), intent)
    life.unsettled.kernel.watch(`the kernel's assess(${String(intent?.intentId)})`, life.kernel.assess(intent)).then(
      (assessed) => {
        const denials = assessed.status === 'denied' ? assessed.findings.map(({ code }) => code) : []
        told(denials)
        for (const code of denials) world.cover(`denied: ${code}`)
        if (assessed.status === 'denied') note(`${assessed.intentId} denied: ${denials.join(', ')}`)
        if (life.ended || assessed.status === 'denied' || submit === 'never') return
        const permit = submit === 'under a forged permit' ? 'permit-forged' : assessed.permitId
        const send = (): void => {
          if (life.ended) return
          life.unsettled.kernel
            .watch(`the kernel's submit(${intent.intentId})`, life.kernel.submit(intent, permit))
            .then(
              (result) => note(`${intent.intentId} ${result.status}`),
              () => undefined,
            )
        }
        if (submit === 'after a while') time.at(time.now() + 1_500, send)
        else send()
        if (submit === 'twice') send()
      },
      () => undefined,
    )
  }

  const enter = (
    life: KernelLife,
    step: EnterStep,
    fieldsFor?: (market: EntryMarket) => Partial<OrderIntent>,
  ): string | undefined => {
    const intent = intentFor(life, step, fieldsFor)
    if (intent !== undefined) ask(life, intent, step.submit)
    return intent?.intentId
  }
  const intentFor = (
    life: KernelLife,
    step: EnterStep,
    fieldsFor?: (market: EntryMarket) => Partial<OrderIntent>,
  ): OrderIntent | undefined => {
    const { symbol, lotSize, multiplier = '1' } = pickInstrument(scenario, step.symbol)
    const price = Number(life.prices.get(symbol) ?? world.venue.price(symbol))
    if (!(price > 0)) return undefined
    const isShort =
      step.side === 'sell' && (scenario.policy.allowShorts === true || world.venue.books.isContract(symbol))
    const most = Number(scenario.deposits) * (scenario.policy.maxOrderFraction ?? 0.1)
    const lots = Math.max(1, Math.floor((most * step.size) / price / Number(multiplier) / Number(lotSize)))
    const level = (price * (1 + step.offsetBasisPoints / 10_000)).toFixed(2)
    const fields: IntentFields = {
      symbol,
      side: step.side,
      quantity: textOf(lots, lotSize),
      type: step.type,
      timeInForce: step.timeInForce,
      ...(step.type === 'limit' ? { limitPrice: level } : {}),
      ...(step.type === 'stop' ? { stopPrice: level } : {}),
      exits: exitsOf(step, price, isShort ? -1 : 1),
    }
    const more = fieldsFor?.({ symbol, price, now: life.now(), intent: fields }) ?? {}
    return withoutUnset(intentOf(`agent-${step.agent}`, { ...fields, ...more }))
  }
  const leave = (life: KernelLife, step: Extract<Step, { do: 'leave' }>): void => {
    const { symbol, lotSize } = pickInstrument(scenario, step.symbol)
    const held = life.kernel.portfolio().positions.find((position) => position.symbol === symbol)
    if (held === undefined) return
    const isShort = held.quantity.startsWith('-')
    const lots = Math.max(1, Math.ceil((Math.abs(Number(held.quantity)) * step.part) / Number(lotSize) - 1e-9))
    const fields: IntentFields = { symbol, side: isShort ? 'buy' : 'sell', quantity: textOf(lots, lotSize) }
    const { timeInForce } = step
    ask(
      life,
      intentOf(`agent-${step.agent}`, timeInForce === undefined ? fields : { ...fields, timeInForce }),
      'at once',
    )
  }
  const cancel = (life: KernelLife, pick: number): void => {
    const { orders } = JSON.parse(life.kernel.snapshot()) as { orders: { header: { orderId: string } }[] }
    const orderId = orders[orders.length - 1 - (pick % Math.max(1, orders.length))]?.header.orderId
    if (orderId !== undefined) life.kernel.cancel(orderId, 'simulated').catch(() => undefined)
  }

  const amend = (life: KernelLife, step: Extract<Step, { do: 'amend' }>): void => {
    const { orders } = JSON.parse(life.kernel.snapshot()) as { readonly orders: readonly OrderRecord[] }
    const resting = orders.filter(
      ({ header: { purpose, request }, state: { status } }) =>
        purpose === 'entry' && (request.limitPrice ?? request.stopPrice) !== undefined && restingStates.has(status),
    )
    const order = resting[resting.length - 1 - (step.pick % Math.max(1, resting.length))]
    if (order === undefined) return
    const { request, orderId } = order.header
    const { lotSize = '1' } = scenario.instruments.find(({ symbol }) => symbol === request.symbol) ?? {}
    const price = Number(life.prices.get(request.symbol) ?? world.venue.price(request.symbol))
    const level = (price * (1 + step.offsetBasisPoints / 10_000)).toFixed(2)
    const lots = Math.max(1, Math.round((Number(order.state.orderedQuantity) * step.size) / Number(lotSize)))
    const terms = {
      ...(step.size === 1 ? {} : { quantity: textOf(lots, lotSize) }),
      ...(request.limitPrice === undefined ? { stopPrice: level } : { limitPrice: level }),
    }
    count += 1
    const reason = `amendment-${count}`
    seen(life, reason)
    life.kernel.amend(orderId, terms, reason).then(
      (result) => note(`${reason} of ${orderId} ${result.status}`),
      () => undefined,
    )
  }

  return {
    sessionDate: () => date,
    retire() {
      retired = true
    },
    seen,
    intentFor(step, fields) {
      const life = lifeOf(step.agent)
      return life?.running === true ? intentFor(life, step, () => fields) : undefined
    },
    silence(ms) {
      silentUntil = time.now() + ms
    },
    enter(step, fieldsFor) {
      const life = lifeOf(step.agent)
      if (life?.running !== true || retired || time.now() < silentUntil) return undefined
      return enter(life, step, fieldsFor)
    },
    act(step) {
      const life = lifeOf('agent' in step ? step.agent : 0)
      if (life === undefined || !life.running || retired || time.now() < silentUntil) return
      if (step.do === 'enter') enter(life, step)
      else if (step.do === 'leave') leave(life, step)
      else if (step.do === 'meet')
        for (const [agent, fields] of meetingIntents(scenario, life, step))
          ask(life, intentOf(agent, fields), 'at once')
      else if (step.do === 'cancel') cancel(life, step.pick)
      else if (step.do === 'amend') amend(life, step)
      else {
        const { symbol } = pickInstrument(scenario, step.symbol)
        const price = life.prices.get(symbol) ?? world.venue.price(symbol)
        const sound = intentOf(`agent-${step.agent}`, {
          symbol,
          side: 'buy',
          quantity: '10',
          exits: exitsAround(price),
        })
        ask(life, garbageIntent(step.kind, sound, price, made), 'at once')
      }
    },
    tick(sessionDate) {
      date = sessionDate
      const life = lifeOf(0)
      if (life === undefined || !life.running || retired || time.now() < silentUntil) return
      for (const agent of agents) {
        const view: AgentView = {
          now: time.now(),
          random: random.fork(`${agent.name} ${time.now()}`),
          prices: life.prices,
          portfolio: life.kernel.portfolio(),
          intent: (fields) => intentOf(agent.name, fields),
        }
        try {
          for (const intent of decidedIntents(agent.decide(view))) {
            world.cover(subjectAsked)
            ask(life, intent, 'at once', (denials) => {
              if (denials.length === 0) world.cover(subjectPermitted)
              for (const code of denials) world.cover(`${subjectDenied}${code}`)
            })
          }
        } catch (thrown) {
          onThrown(agent.name, thrown)
        }
      }
    },
  }
}

const restingStates: ReadonlySet<string> = new Set(['accepted', 'triggered', 'partially-filled'])

function exitsOf(step: EnterStep, price: number, direction: 1 | -1): NonNullable<OrderIntent['exits']> {
  return {
    stopPrice: (price * (1 - (direction * step.stopBasisPoints) / 10_000)).toFixed(2),
    targetPrice: (price * (1 + (direction * step.targetBasisPoints) / 10_000)).toFixed(2),
    maximumSessions: step.sessions,
  }
}

/** Fields that are named and have no value are none. */
function withoutUnset(intent: OrderIntent): OrderIntent {
  return Object.fromEntries(Object.entries(intent).filter(([, value]) => value !== undefined)) as OrderIntent
}
