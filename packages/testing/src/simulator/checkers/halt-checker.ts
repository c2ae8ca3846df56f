import type { KernelRecord } from '@tradeswarm/trading'
import type { LifeView } from '../observation.js'
import type { CheckerFactory } from './checker.js'

/**
 * I14: the kill switch acts before the next send, and a kill that was answered, or stored anywhere, survives every restart until it is
 * reset. I13: nothing that adds exposure leaves after a halt was answered, a halt that was answered survives, and once trading is halted
 * no entry keeps resting at the venue.
 */
export const createHaltChecker: CheckerFactory = ({ venue, foldOf }, report) => {
  const killedLives = new Set<number>()
  /** Kills and resets that took effect somewhere where a restart finds them. */
  let killed: 'no' | 'perhaps' | 'yes' = 'no'
  let halted: 'no' | 'perhaps' | 'yes' = 'no'
  /** Resets and resumes that are under way: what is answered before them may already be undone. */
  const undoing = { 'reset kill switch': 0, resume: 0 }
  const noteDurable = (record: KernelRecord): void => {
    if (record.type === 'halted' && record.cause === 'kill-switch' && killed === 'perhaps') killed = 'yes'
    if (record.type === 'resumed' && record.causes.includes('kill-switch') && killed === 'yes') killed = 'perhaps'
  }

  const checkStart = (life: LifeView): void => {
    const { state } = life.kernel.tradingState()
    if (killed === 'yes' && state !== 'halted') report('I14', `life ${life.number} started without the kill switch`)
    if (halted === 'yes' && state === 'active') report('I13', `life ${life.number} started without the operator's halt`)
  }

  return (observation) => {
    switch (observation.type) {
      case 'call begun':
        if (observation.call.name in undoing) undoing[observation.call.name as keyof typeof undoing] += 1
        if (observation.call.name === 'kill') {
          killedLives.add(observation.life.number)
          killed = killed === 'yes' ? 'yes' : 'perhaps'
        }
        if (observation.call.name === 'reset kill switch' && killed === 'yes') killed = 'perhaps'
        if (observation.call.name === 'halt') halted = halted === 'yes' ? 'yes' : 'perhaps'
        if (observation.call.name === 'resume' && halted === 'yes') halted = 'perhaps'
        return
      case 'call done':
        if (observation.call.name in undoing) undoing[observation.call.name as keyof typeof undoing] -= 1
        if (observation.failed) return
        if (observation.call.name === 'kill') killed = undoing['reset kill switch'] > 0 ? 'perhaps' : 'yes'
        if (observation.call.name === 'reset kill switch') {
          killed = 'no'
          killedLives.delete(observation.life.number)
        }
        if (observation.call.name === 'halt') halted = undoing.resume > 0 ? 'perhaps' : 'yes'
        if (observation.call.name === 'resume') halted = 'no'
        return
      case 'durable':
        for (const { payload } of observation.entries) noteDurable(payload as KernelRecord)
        return
      case 'life ended':
        undoing['reset kill switch'] = 0
        undoing.resume = 0
        return
      case 'life started':
        checkStart(observation.life)
        return
      case 'permit used': {
        const { life, order } = observation
        if (order.request.reduceOnly) return
        if (killedLives.has(life.number)) report('I14', `entry ${order.request.clientOrderId} left after the kill`)
        if (foldOf(life.number).halts.size > 0)
          report('I13', `entry ${order.request.clientOrderId} left while trading is held back`)
        return
      }
      case 'quiet': {
        if (observation.life.kernel.tradingState().state !== 'halted') return
        const resting = venue.orders.find(({ status, request }) => status === 'open' && !request.reduceOnly)
        if (resting !== undefined)
          report('I13', `trading is halted, and entry ${resting.request.clientOrderId} still rests at the venue`)
        return
      }
      default:
    }
  }
}
