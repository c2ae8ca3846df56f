import { required } from '../risk-context.js'
import { figured, gateRule, type RiskRule, warningGate } from '../risk-rule.js'

/** May this account enter anything now? */
export const tradingStateRules: readonly RiskRule[] = [
  gateRule('TRADING_HALTED', 'entry', ({ tradingState, tradingStateReasons }) =>
    tradingState === 'halted' ? `trading is halted: ${tradingStateReasons.join('; ')}` : undefined,
  ),
  gateRule('TRADING_STATE_REDUCING', 'entry', ({ tradingState, tradingStateReasons }) =>
    tradingState === 'reducing' ? `only orders that reduce are taken: ${tradingStateReasons.join('; ')}` : undefined,
  ),
  gateRule('RECONCILING', 'entry', ({ reconciled }) =>
    reconciled ? undefined : 'the account has not been reconciled with its venue yet',
  ),
]

/** Do we and the venue agree on what time it is? */
export const clockRule: RiskRule = warningGate(
  'CLOCK_SKEW_EXCEEDED',
  'entry',
  ({ clockSkewMs, limits: { clockSkewMs: most, warnFrom } }, _, near) => {
    if (clockSkewMs === 'no-clock') return undefined
    const skewMs = Math.abs(required(clockSkewMs, `the difference to the venue's clock`))
    const isSaid = near ? skewMs >= warnFrom.clockSkewMs : skewMs > most
    return isSaid
      ? figured(skewMs, most, `our clock and that of the venue differ by ${skewMs} ms, the limit is ${most} ms`)
      : undefined
  },
)
