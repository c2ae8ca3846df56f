/** What a broker may have or lack, and what is meant by it. Each is the name under which cases of the contract are run or skipped. */
export const capabilityMeanings = {
  'stop-orders': 'Stop orders, which leave at the market once their level is reached.',
  'immediate-or-cancel': 'Time in force `ioc`.',
  'reduce-only':
    'Orders that may only reduce a position (`reduceOnly: true`): one that would open or add to it is refused.',
  fees: 'It charges the `feeBasisPoints` of the setup on what is filled.',
  slippage: 'It fills the `slippageBasisPoints` of the setup away from the market, to the worse.',
  dividends: 'It pays the dividends that the feed announces.',
  'partial-fills':
    'An order may be filled in parts: no more than the quote offers, or than `maximumVolumeFraction` of what others trade.',
  'client-order-ids-never-reused':
    'A client order id that was ever used is refused, also after its order has ended; `clientOrderIds` is `permanent`.',
  'stop-limit-orders': 'Stop-limit orders, which become limit orders once their level is reached.',
  'trailing-stops': 'Stops that follow the price at a distance, as an amount or a fraction.',
  'fill-or-kill': 'Time in force `fok`.',
  'good-till-date': 'Time in force `gtd`, until `expiresAt`.',
  auctions: 'Times in force `at-open` and `at-close`: orders for the auctions of a session.',
  'post-only': 'Limit orders that are refused rather than take (`postOnly: true`).',
  'quote-sized': "Market orders for an amount of currency (`sizedIn: 'quote'`).",
  replace: '`replace` amends an open order.',
  executions: '`executions(since)` lists what was filled.',
  clock: '`time()` tells the venue’s clock.',
  quotes: 'It matches the quotes and trades of the feed.',
  'trigger-words': 'It says that a stop has been set off before it fills; else the two come together.',
  'reference-prices':
    "Executions name the market's price before slippage, and the instant of the bar or quote that it lies in.",
  'auction-queue': 'An order for an auction that comes too late for it waits for the next one.',
  'trailing-start': 'A trailing stop may start at a level of its own.',
  contracts: 'Perpetuals and futures on margin, shorts included.',
  funding: 'It pays the funding that the feed announces, and tells of it by `movements`.',
  currencies: 'Symbols that are paid for in different currencies, out of one account.',
  sessions:
    'It trades in the sessions of an exchange, and an order for the day ends with one; else all orders of the cases rest until cancelled.',
  'minimum-notional': 'It takes no order that is worth less than the minimum of its instrument.',
  'market-orders-rest': 'Of a market order for more than the market offers, the rest waits for more instead of ending.',
  'engine-stops':
    'Stops are matched with the bars and trades that set them off, at the prices of these; else each becomes an order of its own then, which meets the next quote.',
  'gapped-stops':
    'A stop leaves however far the market has leapt over its level; else within a bound, as a stop-limit.',
  'oco-orders': 'A target and a stop in one order of one id, `oco`.',
  'resting-targets':
    'The target of an `oco` order rests as a limit order; else it is watched, and the order leaves at the market once it is reached.',
  'oco-amendments': 'An `oco` order can be amended.',
  'quote-sized-contracts': 'Contracts, too, may be ordered for an amount of currency.',
  'quote-sized-whole-units': 'An amount of currency may be ordered of what trades in whole units only.',
  'cash-settlement':
    'What is bought is paid for with cash, and no more is sold than is held; else it is held on margin, shorts included.',
  'exit-pairs':
    'A stop and a target may rest on one position side by side, and go with it; else the two are one order.',
  'reduce-only-shrinks':
    'Of a reduce-only order for more than the position, the position is filled and the rest ends; else it is refused.',
  'quantity-bounds': 'Least and most quantity of one order.',
  'order-bounds': 'The most that one order may be worth.',
  'entry-bar-exits':
    'An exit that comes at the very instant at which its entry has filled is matched with the rest of that bar.',
  'fees-in-kind': 'The fee of a buy is taken out of what was bought, where the setup asks for that.',
  fractions: 'Quantities of many decimals.',
  faults: 'Its harness can make the venue fail: see `BrokerHarness.faults`.',
} as const satisfies Readonly<Record<string, string>>

/** A capability that is declared has its cases run; a skipped case names the one that is missing. */
export type BrokerCapability = keyof typeof capabilityMeanings

/** All of them, in the order in which they are told. */
export const brokerCapabilities = Object.keys(capabilityMeanings) as readonly BrokerCapability[]
