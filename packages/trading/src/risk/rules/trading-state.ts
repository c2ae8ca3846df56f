import { gateRule, type RiskRule } from '../risk-rule.js'

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
