import type { RiskFinding } from '../kernel/kernel.js'

/** Who finds the fault: a rule of the assessment, the door of the kernel, the order manager, the guard of permits, or an agent. */
export type DenialSource = 'rule' | 'door' | 'order manager' | 'permit guard' | 'agents'

/** What a denial code says, for whoever reads it in a journal. */
export type DenialCodeEntry = {
  readonly saidBy: readonly DenialSource[]
  /** `entry`: never said of an order that reduces exposure. */
  readonly binds: 'entry' | 'all'
  readonly means: string
  readonly remedy: string
  /** The fields of the policy that it depends on. */
  readonly policy: readonly string[]
}

const entry = (
  means: string,
  remedy: string,
  policy: readonly string[] = [],
  saidBy: readonly DenialSource[] = ['rule'],
): DenialCodeEntry => ({ saidBy, binds: 'entry', means, remedy, policy })

const all = (
  means: string,
  remedy: string,
  saidBy: readonly DenialSource[] = ['rule'],
  policy: readonly string[] = [],
): DenialCodeEntry => ({ saidBy, binds: 'all', means, remedy, policy })

/** Every code under which an order may be denied by what is built in. Rules of a user's own have codes of their own. */
export const denialCodes = {
  // Is it an order?
  INVALID_INTENT: all(
    'A field of the intent is missing, too long or not of its type.',
    'Correct the field that the message names, and ask again under a new intentId.',
    ['door'],
  ),
  INSTRUMENT_NOT_FOUND: all(
    'The venue of the account does not trade the symbol.',
    'Use a symbol that the venue lists, in its spelling.',
    ['rule', 'door'],
  ),
  UNSUPPORTED_INSTRUMENT: all(
    'The books cannot keep the instrument: an inverse contract, a contract that is not counted under its own symbol, or a multiplier that is no decimal above 0 of at most 12 decimals.',
    'Trade a linear contract, or what it is a contract of; correct the instrument that the broker tells.',
    ['order manager'],
  ),
  UNSUPPORTED_CURRENCY: all(
    'What the symbol is paid for in is no currency that the books can keep it in: its name is empty, looks like another, or is that of its asset.',
    'Correct the instrument that the broker tells.',
    ['order manager'],
  ),
  UNSUPPORTED_ORDER_TYPE: all(
    'The type is unknown, does not fit the prices that came with it, or is no way to leave a position.',
    'Send a type that the venue takes, with the prices that it needs; leave positions with market orders.',
    ['rule', 'door'],
  ),
  UNSUPPORTED_TIME_IN_FORCE: all('The time in force is unknown here.', 'Send one that the message names.', [
    'rule',
    'door',
  ]),
  QUANTITY_BELOW_MINIMUM: all(
    'The quantity is not above 0, or (of an entry) less than the venue takes.',
    'Order more, or nothing.',
  ),
  QUANTITY_EXCEEDS_MAXIMUM: entry('The quantity is more than the venue takes in one order.', 'Split the order.'),
  QUANTITY_PRECISION: all(
    'The quantity is no plain decimal number, or no multiple of the lot.',
    'Round it down to the lot of the instrument.',
    ['rule', 'door'],
  ),
  PRICE_PRECISION: all(
    'A price is no plain decimal number, not above 0, or no multiple of the tick.',
    'Round it to the tick of the instrument.',
    ['rule', 'door'],
  ),
  INVALID_CLIENT_ORDER_ID: all(
    'The client order id is not 1 to 32 letters and digits.',
    'Let the kernel make it; this is a fault of the program.',
  ),
  DUPLICATE_CLIENT_ORDER_ID: all(
    'An order was made under this client order id before.',
    'Let the kernel make it; this is a fault of the program.',
  ),
  NOTIONAL_BELOW_MINIMUM: entry('The order is worth less than the venue takes.', 'Order more, or nothing.'),
  // Which way does it go?
  REDUCE_ONLY_WOULD_INCREASE_POSITION: all(
    'The exit is larger than what is held and not being left already.',
    'Leave at most what is held; cancel the exit that is on its way first.',
  ),
  NOT_SHORTABLE: entry(
    'The order would sell short, and the policy or the instrument does not allow that.',
    'Allow shorts in the policy, for instruments that can be borrowed.',
    ['allowShorts'],
  ),
  SELF_TRADE_PREVENTION: all(
    'An open order of ours on the other side could trade with it. What leaves at the market makes others give way instead.',
    'Cancel the other order first, or choose a price that does not reach it.',
  ),
  SYMBOL_DENIED: entry(
    'The symbol is on the list of those denied, not on the list of those allowed, too cheap or traded too little.',
    'Trade another symbol, or have the policy changed.',
    ['deniedSymbols', 'allowedSymbols', 'minimumPrice', 'minimumAverageVolume', 'averageVolumeSessions'],
  ),
  // May we trade?
  TRADING_HALTED: entry(
    'Trading is halted by the kill switch, an operator or a failed journal.',
    'Have an operator look into the reason that the message gives, and resume.',
  ),
  TRADING_STATE_REDUCING: entry(
    'Only orders that reduce are taken, after a loss, a fault or the word of an operator or the Risk Manager.',
    'Wait for the next session (daily loss) or for an operator to resume.',
    ['maxDailyLossFraction', 'maxDrawdownFraction'],
  ),
  RECONCILING: entry(
    'Books and venue have not been compared since the start, or do not agree.',
    'Wait; when the alert BALANCE_MISMATCH came, have it looked into.',
  ),
  CLOCK_SKEW_EXCEEDED: entry(
    'Our clock and that of the venue differ too much, or the difference could not be measured.',
    'Set the clock of the machine.',
    ['maximumClockSkewMs'],
  ),
  MARKET_CLOSED: entry(
    'The market is closed, and the order could not wait for the open.',
    'Send it as a day order, or in the session.',
  ),
  // Is there a price to rely on?
  STALE_MARKET_DATA: entry(
    'There is no price, the last one is too old, or bid and ask are crossed; or that is so of the rate of the currency that the symbol is paid for in.',
    'Look after the market data feed, which must also tell a symbol that trades that currency for the account’s own.',
    ['maximumQuoteAgeMs'],
  ),
  PRICE_COLLAR_BREACHED: entry(
    'The price of the order is too far off the last trade.',
    'Choose a price nearer to the market.',
    ['priceCollarFraction'],
  ),
  // Limits of size
  NOTIONAL_EXCEEDS_MAX_PER_ORDER: entry(
    'The order is worth more than one order may be, by the policy or the venue.',
    'Order less.',
    ['maxOrderFraction'],
  ),
  MAX_POSITION: entry('The position would be worth too much, open entries included.', 'Order less.', [
    'maxPositionFraction',
  ]),
  MAX_OPEN_POSITIONS: entry('Too many symbols are held or being entered.', 'Close a position first.', [
    'maxOpenPositions',
  ]),
  MAX_OPEN_ORDERS: entry('Too many entries are open.', 'Cancel one, or wait for a fill.', ['maxOpenOrders']),
  MAX_CONCENTRATION: entry('Too much would hang on one symbol, long and short added up.', 'Order less.', [
    'maxSymbolExposureFraction',
  ]),
  MAX_CORRELATED_EXPOSURE: entry(
    'Too much would hang on symbols whose returns move together, or whose correlation is not known.',
    'Order less, or something that moves otherwise.',
    ['maxCorrelatedExposureFraction', 'correlationThreshold', 'correlationSessions'],
  ),
  MAX_GROSS_EXPOSURE: entry(
    'Long and short together would be worth too much, or a move of the whole market would cost too much.',
    'Order less, or close something first.',
    ['maxGrossExposureFraction', 'stressShocks', 'maxStressLossFraction'],
  ),
  MAX_NET_EXPOSURE: entry(
    'Longs less shorts (or shorts less longs) would be worth too much.',
    'Order less, or something on the other side.',
    ['maxNetExposureFraction'],
  ),
  MAX_LEVERAGE: entry('Gross exposure would be too many times the equity.', 'Order less.', ['maxLeverage']),
  MAX_VALUE_AT_RISK: entry('The value at risk of the book with the order would be too high.', 'Order less.', [
    'maxValueAtRiskFraction',
    'valueAtRiskConfidence',
    'valueAtRiskSessions',
  ]),
  MAX_CONDITIONAL_VALUE_AT_RISK: entry(
    'The mean loss beyond the value at risk would be too high.',
    'Order less, or something that moves otherwise.',
    ['maxConditionalValueAtRiskFraction', 'valueAtRiskConfidence', 'valueAtRiskSessions'],
  ),
  MAX_BETA: entry('The book with the order would follow the market too closely.', 'Order less.', [
    'maxBeta',
    'betaBenchmark',
    'valueAtRiskSessions',
  ]),
  // Cash
  NOTIONAL_EXCEEDS_FREE_BALANCE: entry(
    'The order sets aside more cash than there is of the currency that the symbol is paid for in.',
    'Order less, or deposit or convert more of it.',
    ['reservationBufferFraction', 'highestFeeFraction', 'highestFeeMinimum'],
  ),
  CUM_NOTIONAL_EXCEEDS_FREE_BALANCE: entry(
    'The order sets aside more cash than open orders and the margin of contracts have left of its currency.',
    'Order less, or cancel an open order.',
    ['reservationBufferFraction', 'highestFeeFraction', 'highestFeeMinimum'],
  ),
  MARGIN_EXCEEDS_FREE_BALANCE: entry(
    'The order needs more margin than equity has left beside what is held; of a contract, more than is free of the currency that it settles in.',
    'Order less, or close something first.',
    [
      'initialMarginFraction',
      'contractLeverage',
      'reservationBufferFraction',
      'highestFeeFraction',
      'highestFeeMinimum',
    ],
  ),
  // Losses
  MAX_DAILY_LOSS: entry("Today's loss is beyond its limit.", 'Wait for the next session.', ['maxDailyLossFraction']),
  MAX_DRAWDOWN: entry('Equity has fallen too far from its peak.', 'An operator looks into it and resumes.', [
    'maxDrawdownFraction',
  ]),
  COOLDOWN_ACTIVE: entry('A position was closed at a loss a short while ago.', 'Wait as long as the message says.', [
    'cooldownAfterLossMs',
  ]),
  CONSECUTIVE_LOSSES: entry('Too many positions in a row were closed at a loss.', 'Wait for the pause to end.', [
    'consecutiveLosses',
  ]),
  STOPLOSS_GUARD: entry('Too many positions were stopped out at a loss lately.', 'Wait.', ['stopLossGuard']),
  LOW_PROFIT_SYMBOL: entry('The symbol has earned too little lately.', 'Trade another symbol.', ['lowProfitSymbol']),
  // Pace
  RATE_LIMIT_EXCEEDED: entry('Orders come too fast, from the account or the principal.', 'Ask less often.', [
    'maxOrderRate',
    'principals',
  ]),
  REPEATED_EXECUTION_THROTTLE: entry(
    'A strategy has had too many executions on one side of a symbol lately.',
    'Look whether the strategy has run away; else wait.',
    ['maxRepeatedExecutions'],
  ),
  DUPLICATE_ORDER_PATTERN: entry(
    'The same symbol, side and quantity were permitted too often lately.',
    'Look whether the order was meant twice; else wait.',
    ['maxDuplicateOrders'],
  ),
  REJECTION_STREAK: entry(
    'The venue has rejected too many orders in a row.',
    'Look into what it says; wait for the pause to end.',
    ['rejectionStreak'],
  ),
  // The way out, and other terms
  MISSING_PROTECTIVE_STOP: entry(
    'The intent carries no sound exits, or the position in the symbol is unprotected.',
    'Give a stop on the losing side and a target on the winning side; wait for the protection.',
    ['requireProtectiveStop'],
    ['rule', 'door'],
  ),
  MIN_RISK_REWARD: entry('The target is too near for the distance of the stop.', 'Choose other levels, or nothing.', [
    'minimumRiskReward',
  ]),
  PDT_RESTRICTED: entry(
    'Equity is below the minimum of a pattern day trader, and the day trades of the last sessions, with those that the entries of today may become, are used up.',
    'Wait for a day trade to fall out of the window, or deposit more.',
    ['patternDayTrading'],
  ),
  // Principals
  AGENT_NOT_AUTHORIZED: entry(
    'The agent or strategy may not enter this symbol or side, is no principal of the policy, or spoke for another.',
    'Add it to the principals, or let another agent ask.',
    ['principals'],
    ['rule', 'agents'],
  ),
  AGENT_BUDGET_EXCEEDED: entry(
    'The capital, the drawdown or the model budget of the principal is used up.',
    'Order less, close something of its own, or have its budget changed.',
    ['principals'],
  ),
  RISK_UNAVAILABLE: entry(
    'Nobody answered the question for an assessment.',
    'Look after the Risk Manager.',
    [],
    ['agents'],
  ),
  // Approval and permits
  APPROVAL_REQUIRED: all(
    'The order needs the approval of a person first, or its permit is not that of the intent.',
    'Have it approved, or assess the intent before it is submitted.',
    ['rule', 'order manager'],
    ['approvalAboveNotional', 'approvalAboveFraction'],
  ),
  APPROVAL_EXPIRED: all(
    'The permit (or the approval) was not used in time, or a halt or a policy came between.',
    'Ask for a new assessment under a new intentId.',
    ['order manager'],
    ['permitLifetimeMs'],
  ),
  JOURNAL_NOT_DURABLE: all(
    'The journal did not keep what was to be sent, so nothing was sent.',
    'Mend the storage; the order is over, and may be asked for again under a new intentId.',
    ['order manager'],
  ),
  EXIT_IN_DOUBT: all(
    'Nobody knows whether the venue has another exit of these units, and it can neither be sent again nor be given up, so that there is no room for this one.',
    'A person has to look at the venue: cancel that order there, or tell its end; then ask again under a new intentId.',
    ['order manager'],
  ),
  ORDER_NOT_AMENDABLE: all(
    'The order is not one whose terms can be changed, or not in this state.',
    'Cancel it, and ask for the order that is wanted under a new intentId.',
    ['order manager'],
  ),
  CANCEL_REJECTED: all(
    'An amendment was given up: the venue did not cancel what rests, for which the new terms were to make room.',
    'Nothing has changed; ask again when the order rests, or cancel it.',
    ['order manager'],
  ),
  PERMIT_FORGED: all('No risk authority made the permit.', 'A fault of the program, or an attack.', ['permit guard']),
  PERMIT_USED: all('The permit was used before.', 'A fault of the program, or an attack.', ['permit guard']),
  PERMIT_EXPIRED: all(
    'The permit was not used in time.',
    'Ask for a new assessment.',
    ['permit guard'],
    ['permitLifetimeMs'],
  ),
  PERMIT_MISMATCH: all('The order was altered after it was permitted.', 'A fault of the program, or an attack.', [
    'permit guard',
  ]),
  PERMIT_STALE: all('A halt or a new policy came between permit and sending.', 'Ask for a new assessment.', [
    'permit guard',
  ]),
} as const satisfies Readonly<Record<string, DenialCodeEntry>>

/** A code that the built-in rules and desks deny with. */
export type DenialCode = keyof typeof denialCodes

/** Whether a code is one of those built in. */
export function isDenialCode(code: string): code is DenialCode {
  return Object.hasOwn(denialCodes, code)
}

/** A finding under a code that is documented; any other does not compile. */
export function denial(code: DenialCode, message: string): RiskFinding {
  return { code, message }
}
