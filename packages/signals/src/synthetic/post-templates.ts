/**
 * Texts of the synthetic posts, written for this project. `{tag}` is the cashtag, `{level}` the last close, `{days}` a
 * small number, `{percent}` a percentage.
 */
export const postTemplates = {
  bullish: [
    '{tag} looks strong here, adding on any dip towards {level}',
    'Breakout on {tag}, next stop well above {level}',
    'Still long {tag}. Higher lows for {days} sessions, I like this setup',
    'Bought more {tag} near {level}, the trend is your friend',
    '{tag} calls paying nicely, holding for another {percent}',
    'Buyers in control of {tag} all day. New highs coming',
    'Dip buyers showed up in {tag} again. Bullish above {level}',
    '{tag} undervalued at {level} if you ask me, loading up',
    'Nice bounce in {tag}, momentum looks great 📈',
    'Bears trapped in {tag}, this squeeze has {percent} left in it',
    'Great earnings backdrop for {tag}, buying here',
    'Golden cross on {tag} within {days} days. Going higher',
  ],
  bearish: [
    '{tag} looks weak, selling into any bounce above {level}',
    'Breakdown on {tag}, lost support at {level}',
    'Short {tag} here. Lower highs for {days} sessions in a row',
    'Bought puts on {tag}, target is {percent} lower',
    '{tag} heading lower, buyers are gone',
    'Sellers in control of {tag}. This is a bull trap',
    'Getting out of {tag} at {level}, downside is not worth it',
    '{tag} overvalued at {level}, looks like a bubble to me',
    'Ugly close in {tag}, new lows next 📉',
    'Dead cat bounce in {tag}, another {percent} of pain to come',
    'Not buying {tag} here, the chart is bleeding',
    'Death cross on {tag} within {days} days. Stay away',
  ],
  neutral: [
    'Watching {tag} around {level}, no position',
    '{tag} closed at {level} today',
    'What is everyone expecting from {tag} over the next {days} days?',
    'Reading the annual report behind {tag} tonight',
    '{tag} chart with the {days} day average attached',
    'Options expiry this week, {tag} pinned near {level}',
    'Two way trade in {tag}, waiting for a direction',
    'Lunch break, then back to {tag} and the calendar for tomorrow',
    'Index weights for {tag} are due in {days} days',
    'Conference call on {tag} moved to next week',
  ],
  spam: [
    'Our penny stock picks gained {percent} in {days} days! Subscribe now {tag}',
    'Free trial of our live trading room, click here {tag}',
    'Join our chat room for free picks like {tag}, guaranteed profits',
    'I made $5000 a day with {tag}, DM me for my secret',
    '{tag} $AAA $BBB $CCC $DDD $EEE $FFF $GGG $HHH most active today',
  ],
} as const

/** What a post may begin with, so that the few templates do not repeat each other to the letter. */
export const postOpeners = [
  '',
  'Morning note: ',
  'Quick take: ',
  'Just saying, ',
  'My view: ',
  'After the close: ',
  'For the record, ',
  'Chart check: ',
  'Honestly, ',
  'End of day: ',
] as const

/** Made-up authors with their followers: a few loud ones, many small ones. */
export const syntheticAuthors: readonly { readonly name: string; readonly followers: number }[] = [
  { name: 'made-up-macro-desk', followers: 420_000 },
  { name: 'made-up-tape-reader', followers: 61_000 },
  { name: 'made-up-chartist', followers: 18_500 },
  { name: 'made-up-value-fan', followers: 9_200 },
  { name: 'made-up-swing', followers: 4_100 },
  { name: 'made-up-options', followers: 2_750 },
  { name: 'made-up-quant', followers: 1_300 },
  { name: 'made-up-dividends', followers: 880 },
  { name: 'made-up-scalper', followers: 510 },
  { name: 'made-up-retail-1', followers: 240 },
  { name: 'made-up-retail-2', followers: 150 },
  { name: 'made-up-retail-3', followers: 95 },
  { name: 'made-up-retail-4', followers: 60 },
  { name: 'made-up-retail-5', followers: 41 },
  { name: 'made-up-retail-6', followers: 22 },
  { name: 'made-up-retail-7', followers: 12 },
  { name: 'made-up-retail-8', followers: 7 },
  { name: 'made-up-retail-9', followers: 3 },
  { name: 'made-up-bot-1', followers: 1 },
  { name: 'made-up-bot-2', followers: 0 },
]
