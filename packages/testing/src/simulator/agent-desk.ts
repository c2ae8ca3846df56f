import type { Random } from '@tradeswarm/core'
import type { OrderIntent, OrderRecord, PortfolioView } from '@tradeswarm/trading'
import { garbageIntent } from './garbage-intent.js'
import { type KernelLife, simulatedAccount } from './kernel-life.js'
import { exitsAround, meetingIntents, textOf } from './netting-act.js'
import type { Observation } from './observation.js'
import type { Step } from './scenario.js'
import { simulatedSession } from './session-calendar.js'
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

/** Decides at each price. What it returns is assessed, and submitted when it is permitted. What it throws is its own failure. */
export type SimulatedAgent = {
  readonly name: string
  decide(view: AgentView): readonly OrderIntent[]
}

type AgentStep = Extract<Step, { do: 'enter' | 'leave' | 'meet' | 'garbage' | 'cancel' | 'amend' }>

/** The agents: they ask, in the order of the steps, and do not wait for one another. */
export type AgentDesk = {
  act(step: AgentStep): void
  tick(sessionDate: string): void
  /** From now on none of them asks any more. */
  retire(): void
  sessionDate(): string
}

export function createAgentDesk(
  world: SimulatedWorld,
  lifeOf: (agent: number) => KernelLife | undefined,
  agents: readonly SimulatedAgent[],
  observe: (observation: Observation) => void,
  note: (line: string) => void,
): AgentDesk {
  const { scenario, time } = world
  const random = world.random.fork('agents')
  let count = 0
  let retired = false
  let date = simulatedSession(0).date
  const made: OrderIntent[] = []
  const intentOf = (agent: string, fields: IntentFields): OrderIntent => {
    count += 1
    return {
      intentId: `intent-${count}`,
      account: simulatedAccount,
      agent,
      strategy: 'simulated',
      type: 'market',
      timeInForce: 'day',
      decidedAt: time.now(),
      causationId: `cause-${count}`,
      correlationId: `chain-${count}`,
      ...fields,
    }
  }
  const ask = (life: KernelLife, intent: OrderIntent, submit: Extract<Step, { do: 'enter' }>['submit']): void => {
    made.push(intent)
    observe({ type: 'asked', intentId: String(intent?.intentId), prices: new Map(life.prices) })
    life.kernel.assess(intent).then(
      (assessed) => {
        if (assessed.status === 'denied')
          note(`${assessed.intentId} denied: ${assessed.findings.map(({ code }) => code).join(', ')}`)
        if (life.ended || assessed.status === 'denied' || submit === 'never') return
        const permit = submit === 'under a forged permit' ? 'permit-forged' : assessed.permitId
        const send = (): void => {
          if (life.ended) return
          life.kernel.submit(intent, permit).then(
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

  const enter = (life: KernelLife, step: Extract<Step, { do: 'enter' }>): void => {
    const instrument = scenario.instruments[step.symbol % scenario.instruments.length]
    if (instrument === undefined) return
    const { symbol, lotSize } = instrument
    const price = Number(life.prices.get(symbol) ?? world.venue.price(symbol))
    if (!(price > 0)) return
    const most = Number(scenario.deposits) * (scenario.policy.maxOrderFraction ?? 0.1)
    const lots = Math.max(1, Math.floor((most * step.size) / price / Number(lotSize)))
    const level = (price * (1 + step.offsetBasisPoints / 10_000)).toFixed(2)
    const fields: IntentFields = {
      symbol,
      side: step.side,
      quantity: textOf(lots, lotSize),
      type: step.type,
      timeInForce: step.timeInForce,
      ...(step.type === 'limit' ? { limitPrice: level } : {}),
      ...(step.type === 'stop' ? { stopPrice: level } : {}),
      exits: {
        stopPrice: (price * (1 - step.stopBasisPoints / 10_000)).toFixed(2),
        targetPrice: (price * (1 + step.targetBasisPoints / 10_000)).toFixed(2),
        maximumSessions: step.sessions,
      },
    }
    ask(life, intentOf(`agent-${step.agent}`, fields), step.submit)
  }
  const leave = (life: KernelLife, step: Extract<Step, { do: 'leave' }>): void => {
    const { symbol, lotSize } = scenario.instruments[step.symbol % scenario.instruments.length] ?? {}
    const held = life.kernel.portfolio().positions.find((position) => position.symbol === symbol)
    if (symbol === undefined || lotSize === undefined || held === undefined) return
    const lots = Math.max(1, Math.ceil((Number(held.quantity) * step.part) / Number(lotSize) - 1e-9))
    ask(life, intentOf(`agent-${step.agent}`, { symbol, side: 'sell', quantity: textOf(lots, lotSize) }), 'at once')
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
    observe({ type: 'asked', intentId: reason, prices: new Map(life.prices) })
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
    act(step) {
      const life = lifeOf('agent' in step ? step.agent : 0)
      if (life === undefined || !life.running || retired) return
      if (step.do === 'enter') enter(life, step)
      else if (step.do === 'leave') leave(life, step)
      else if (step.do === 'meet')
        for (const [agent, fields] of meetingIntents(scenario, life, step))
          ask(life, intentOf(agent, fields), 'at once')
      else if (step.do === 'cancel') cancel(life, step.pick)
      else if (step.do === 'amend') amend(life, step)
      else {
        const symbol = scenario.instruments[step.symbol % scenario.instruments.length]?.symbol ?? ''
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
      if (life === undefined || !life.running || retired) return
      for (const agent of agents) {
        const view: AgentView = {
          now: time.now(),
          random: random.fork(`${agent.name} ${time.now()}`),
          prices: life.prices,
          portfolio: life.kernel.portfolio(),
          intent: (fields) => intentOf(agent.name, fields),
        }
        try {
          for (const intent of agent.decide(view)) ask(life, intent, 'at once')
        } catch (thrown) {
          note(`agent ${agent.name} failed: ${String(thrown)}`)
        }
      }
    },
  }
}

const restingStates: ReadonlySet<string> = new Set(['accepted', 'triggered', 'partially-filled'])
