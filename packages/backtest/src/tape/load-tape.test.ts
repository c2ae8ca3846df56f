import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { SwarmError } from '@tradeswarm/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sliceTape } from './assemble-tape.js'
import { loadTape } from './load-tape.js'

const header = 'symbol,date,open,high,low,close,adjClose,volume'
const goodBars = [
  'AAA,2014-01-02,10.000000,11.000000,9.500000,10.500000,10.500000,1000',
  'AAA,2014-01-03,10.500000,12.000000,10.000000,11.000000,11.000000,1100',
  'AAA,2014-01-06,11.000000,11.500000,10.500000,11.200000,11.200000,1200',
  'BBB,2014-01-02,20.000000,21.000000,19.000000,20.500000,20.500000,2000',
  'BBB,2014-01-03,20.500000,22.000000,20.000000,21.000000,21.000000,2100',
  'BBB,2014-01-06,21.000000,21.500000,20.500000,21.200000,21.200000,2200',
]
const post = (id: string, createdAt: string, symbol: string, text = 'up we go') => ({
  id,
  createdAt,
  symbol,
  text,
  author: 'a1',
  followers: 7,
})
const goodPosts: readonly unknown[] = [
  post('1', '2014-01-02T23:00:00Z', 'AAA'),
  post('1', '2014-01-02T23:00:00Z', 'BBB'),
  post('2', '2014-01-03T15:00:00.250Z', 'AAA', 'Zoë 🚀'),
  post('3', '2014-01-06T20:59:59Z', 'BBB'),
]

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tape-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function write(bars: readonly string[], posts: readonly unknown[], postsFile = 'posts.jsonl'): string {
  writeFileSync(join(directory, 'bars-1d.csv'), `${[header, ...bars].join('\n')}\n`)
  const text = posts.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('')
  writeFileSync(join(directory, postsFile), postsFile.endsWith('.gz') ? gzipSync(text) : text)
  return directory
}

async function failureOf(path: string): Promise<SwarmError> {
  const error = await loadTape(path).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!SwarmError.isInstance(error)) throw new Error(`expected a SwarmError, got ${String(error)}`)
  expect(error.message).not.toContain('\n')
  return error
}

describe('the form of our own', () => {
  test('gives bars by date and symbol, posts by time, and trades from the session of the first post', async () => {
    const tape = await loadTape(write(goodBars, goodPosts))
    expect(tape.form).toBe('own')
    expect(tape.bars.map((bar) => `${bar.date} ${bar.symbol} ${bar.close}`)).toEqual([
      '2014-01-02 AAA 10.500000',
      '2014-01-02 BBB 20.500000',
      '2014-01-03 AAA 11.000000',
      '2014-01-03 BBB 21.000000',
      '2014-01-06 AAA 11.200000',
      '2014-01-06 BBB 21.200000',
    ])
    expect(tape.bars[0]).not.toHaveProperty('adjClose')
    expect(tape.posts.map((row) => `${row.id} ${row.symbol}`)).toEqual(['1 AAA', '1 BBB', '2 AAA', '3 BBB'])
    expect(tape.posts[2]).toEqual({
      id: '2',
      symbol: 'AAA',
      text: 'Zoë 🚀',
      at: Date.UTC(2014, 0, 3, 15, 0, 0, 250),
      author: 'a1',
      followers: 7,
    })
    expect([tape.tradeFrom, tape.tradeTo]).toEqual(['2014-01-03', '2014-01-06'])
    expect(tape.instruments.map((instrument) => instrument.symbol)).toEqual(['AAA', 'BBB'])
    expect(tape.labels.slice(0, 2).map((label) => label.slice(0, 3))).toEqual(['If ', 'If '])
    expect(tape.counts).toEqual({
      barRows: 6,
      postRows: 4,
      duplicateBars: 0,
      duplicatePosts: 0,
      rowsWithoutPrices: 0,
      postsWithoutBars: 0,
      postsAfterLastClose: 0,
      symbolsWithoutBars: [],
      symbolsWithoutPosts: [],
      skipped: {},
    })
  })

  test('reads the same from gzip, CRLF line ends, a byte order mark and other column orders', async () => {
    const plain = await loadTape(write(goodBars, goodPosts))
    rmSync(join(directory, 'posts.jsonl'))
    write(goodBars, goodPosts, 'posts.jsonl.gz')
    const swapped = [header, ...goodBars].map((line) => line.split(',').reverse().join(','))
    writeFileSync(join(directory, 'bars-1d.csv'), `\ufeff${swapped.join('\r\n')}\r\n\r\n`)
    expect((await loadTape(directory)).hash).toBe(plain.hash)
  })

  test('hashes every field of the content, and not the name of the directory', async () => {
    const whole = await loadTape(write(goodBars, goodPosts))
    const hashOf = async (bars: readonly string[], posts: readonly unknown[]) =>
      (await loadTape(write(bars, posts))).hash
    expect(await hashOf(goodBars, goodPosts)).toBe(whole.hash)
    expect(await hashOf(goodBars.with(5, goodBars[5]?.replace(',2200', ',2201') ?? ''), goodPosts)).not.toBe(whole.hash)
    expect(await hashOf(goodBars, goodPosts.with(3, post('3', '2014-01-06T20:59:59Z', 'BBB', 'down')))).not.toBe(
      whole.hash,
    )
    expect(await hashOf(goodBars, goodPosts.with(3, post('3', '2014-01-06T20:59:58Z', 'BBB')))).not.toBe(whole.hash)
  })

  test('counts identical duplicates, symbols without bars or posts, late posts and rows without prices', async () => {
    const bars = [
      ...goodBars.slice(0, 3),
      goodBars[2] ?? '',
      ...goodBars.slice(3),
      'CCC,2014-01-02,5,5,5,5,5,0',
      'CCC,2014-01-03,null,null,null,null,null,null',
    ]
    const posts = [
      ...goodPosts,
      goodPosts[3],
      post('4', '2014-01-06T20:59:59Z', 'ZZZ'),
      post('5', '2014-01-06T21:00:00Z', 'AAA'),
    ]
    const { counts, posts: kept } = await loadTape(write(bars, posts))
    expect(counts).toEqual({
      barRows: 9,
      postRows: 7,
      duplicateBars: 1,
      duplicatePosts: 1,
      rowsWithoutPrices: 1,
      postsWithoutBars: 1,
      postsAfterLastClose: 1,
      symbolsWithoutBars: ['ZZZ'],
      symbolsWithoutPosts: ['CCC'],
      skipped: {},
    })
    expect(kept.map((row) => row.id)).toEqual(['1', '1', '2', '3'])
  })

  test('replaces half surrogate pairs and NUL in texts, which stores can not hold', async () => {
    const { posts } = await loadTape(
      write(goodBars, ['{"id":"1","createdAt":"2014-01-02T23:00:00Z","symbol":"AAA","text":"a\\ud83d b\\u0000"}']),
    )
    expect(posts[0]).toEqual({ id: '1', symbol: 'AAA', text: 'a\ufffd b\ufffd', at: Date.UTC(2014, 0, 2, 23) })
  })
})

describe('a window', () => {
  test('cuts like sliceTape: earlier bars stay, posts from the close before the first session on', async () => {
    const whole = await loadTape(write(goodBars, goodPosts))
    const end = await loadTape(directory, { from: '2014-01-06' })
    expect([end.tradeFrom, end.bars.length, end.posts.map((row) => row.id)]).toEqual(['2014-01-06', 6, ['3']])
    expect(end.hash).toBe(sliceTape(whole, { from: '2014-01-04' }).hash)
    const start = await loadTape(directory, { to: '2014-01-05' })
    expect([start.tradeTo, start.bars.length, start.posts.map((row) => row.id)]).toEqual([
      '2014-01-03',
      4,
      ['1', '1', '2'],
    ])
    expect(start.hash).toBe(sliceTape(whole, { to: '2014-01-03' }).hash)
    expect(sliceTape(end, { from: '2014-01-06' }).hash).toBe(end.hash)
    expect(sliceTape(whole, {}).hash).toBe(whole.hash)
  })

  test('leaves out other symbols', async () => {
    const tape = await loadTape(write(goodBars, goodPosts), { symbols: ['BBB'] })
    expect([tape.bars.length, tape.posts.length, tape.instruments.length]).toEqual([3, 2, 1])
  })

  test.each([
    [{ from: '2014-02-30' }, 'TAPE_OPTION_INVALID', 'loadTape, from: "2014-02-30" is no date YYYY-MM-DD'],
    [
      { from: '2014-01-06', to: '2014-01-03' },
      'TAPE_OPTION_INVALID',
      'loadTape, from: 2014-01-06 comes after to, which is 2014-01-03',
    ],
    [{ symbols: ['CCC'] }, 'TAPE_OPTION_INVALID', 'loadTape, symbols: the tape has no bars of CCC'],
    [
      { from: '2015-01-01' },
      'TAPE_EMPTY',
      'there is no session from 2015-01-01; its bars go from 2014-01-02 to 2014-01-06',
    ],
  ])('that can not be is refused: %o', async (options, code, message) => {
    const error = await loadTape(write(goodBars, goodPosts), options).catch((thrown: unknown) => thrown)
    expect(SwarmError.isInstance(error, code)).toBe(true)
    expect((error as SwarmError).message).toContain(message)
  })
})

describe('dividends', () => {
  test('are worked out from adjClose at the ex-date, to six decimals, and noise is none', async () => {
    const bars = [
      'AAA,2014-01-02,100,100,100,100.000000,98.000000,1',
      'AAA,2014-01-03,100,100,99,99.000000,98.000002,1',
      'AAA,2014-01-06,99,99,99,99.000000,98.000000,1',
    ]
    // 100 − 98 × 99 / 98.000002 = 1.00000202…
    expect((await loadTape(write(bars, goodPosts.slice(0, 1)))).dividends).toEqual([
      { symbol: 'AAA', date: '2014-01-03', amountPerUnit: '1.000002', currency: 'USD' },
    ])
  })
})

const barFaults: readonly (readonly [string, number, string, string, string, string])[] = [
  [
    'a high below the low',
    2,
    'AAA,2014-01-03,10.5,9,10,10.5,10.5,1',
    'TAPE_BAR_INCONSISTENT',
    'high',
    '9 is below the low 10',
  ],
  [
    'an open above the high',
    2,
    'AAA,2014-01-03,13,12,10,11,11,1',
    'TAPE_BAR_INCONSISTENT',
    'open',
    '13 lies outside low 10 to high 12',
  ],
  [
    'a close below the low',
    2,
    'AAA,2014-01-03,11,12,10,9.99,9.99,1',
    'TAPE_BAR_INCONSISTENT',
    'close',
    '9.99 lies outside',
  ],
  ['a price of zero', 2, 'AAA,2014-01-03,11,12,0.00,11,11,1', 'TAPE_PRICE_NOT_POSITIVE', 'low', '0.00 is not above 0'],
  ['a negative price', 2, 'AAA,2014-01-03,-11,12,10,11,11,1', 'TAPE_PRICE_NOT_POSITIVE', 'open', '-11 is not above 0'],
  ['a negative volume', 2, 'AAA,2014-01-03,11,12,10,11,11,-1', 'TAPE_VOLUME_NEGATIVE', 'volume', '-1 is below 0'],
  ['NaN', 2, 'AAA,2014-01-03,11,12,10,NaN,11,1', 'TAPE_NUMBER_INVALID', 'close', '"NaN" is no plain decimal number'],
  [
    'an exponent',
    2,
    'AAA,2014-01-03,11,12,10,11,11,1e3',
    'TAPE_NUMBER_INVALID',
    'volume',
    '"1e3" is no plain decimal number',
  ],
  [
    'one missing price',
    2,
    'AAA,2014-01-03,11,12,null,11,11,1',
    'TAPE_NUMBER_INVALID',
    'low',
    '"null" is no plain decimal number',
  ],
  ['an empty field', 2, 'AAA,2014-01-03,11,12,10,11,,1', 'TAPE_FIELD_MISSING', 'adjClose', 'is empty'],
  ['a row cut short', 2, 'AAA,2014-01-03,11,12', 'TAPE_FIELD_MISSING', 'low', 'the row has 4 fields, the header 8'],
  [
    'a day that does not exist',
    2,
    'AAA,2014-02-30,11,12,10,11,11,1',
    'TAPE_DATE_INVALID',
    'date',
    '"2014-02-30" is no date',
  ],
  ['a date of another form', 2, 'AAA,1/3/2014,11,12,10,11,11,1', 'TAPE_DATE_INVALID', 'date', '"1/3/2014" is no date'],
  [
    'a Saturday',
    2,
    'AAA,2014-01-04,11,12,10,11,11,1',
    'TAPE_NOT_A_SESSION',
    'date',
    '2014-01-04 is no trading day of the us-equity calendar',
  ],
  ['a holiday', 3, 'AAA,2014-01-20,11,12,10,11,11,1', 'TAPE_NOT_A_SESSION', 'date', '2014-01-20 is no trading day'],
  [
    'a year that no calendar knows',
    2,
    'AAA,1066-10-14,11,12,10,11,11,1',
    'TAPE_NOT_A_SESSION',
    'date',
    '1066-10-14 is no trading day',
  ],
  [
    'another bar for the same day',
    3,
    'AAA,2014-01-03,11,12,10,11,11,1',
    'TAPE_BAR_CONFLICT',
    'date',
    'AAA has two different bars for 2014-01-03',
  ],
  [
    'a row out of order',
    1,
    'AAA,2014-01-07,11,12,10,11,11,1',
    'TAPE_BAR_OUT_OF_ORDER',
    'date',
    '2014-01-03 of AAA comes after 2014-01-07',
  ],
  [
    'a dividend below 0',
    2,
    'AAA,2014-01-03,11,12,10,11,10.5,1',
    'TAPE_DIVIDEND_NEGATIVE',
    'adjClose',
    'means a dividend of -0.5',
  ],
  ['no symbol', 2, 'a b,2014-01-03,11,12,10,11,11,1', 'TAPE_FIELD_INVALID', 'symbol', '"a b" is no symbol'],
]

const postFaults: readonly (readonly [string, unknown, string, string | undefined, string])[] = [
  ['no JSON', '{"id":"9","createdAt":"2014', 'TAPE_POST_UNPARSABLE', undefined, 'the post is no JSON object'],
  ['no object', '[1]', 'TAPE_POST_UNPARSABLE', undefined, 'the post is no JSON object: "[1]"'],
  [
    'no text',
    { id: '9', createdAt: '2014-01-06T15:00:00Z', symbol: 'AAA' },
    'TAPE_FIELD_MISSING',
    'text',
    'is missing',
  ],
  [
    'a number for an id',
    { ...post('9', '2014-01-06T15:00:00Z', 'AAA'), id: 9 },
    'TAPE_FIELD_INVALID',
    'id',
    '9 does not fit',
  ],
  [
    'a field that is misspelt',
    { ...post('9', '2014-01-06T15:00:00Z', 'AAA'), folowers: 10 },
    'TAPE_FIELD_UNKNOWN',
    '"folowers"',
    'a post has no such field; did you mean followers?',
  ],
  [
    'a field that there is not',
    { ...post('9', '2014-01-06T15:00:00Z', 'AAA'), mood: 1 },
    'TAPE_FIELD_UNKNOWN',
    '"mood"',
    'there are: id, createdAt, symbol, text, author, followers',
  ],
  [
    'negative followers',
    { ...post('9', '2014-01-06T15:00:00Z', 'AAA'), followers: -1 },
    'TAPE_FIELD_INVALID',
    'followers',
    '-1 does not fit',
  ],
  [
    'a time that does not exist',
    post('9', '2014-01-06T25:00:00Z', 'AAA'),
    'TAPE_DATE_INVALID',
    'createdAt',
    '"2014-01-06T25:00:00Z" is no UTC time',
  ],
  [
    'a time of no known zone',
    post('9', '2014-01-06T15:00:00', 'AAA'),
    'TAPE_DATE_INVALID',
    'createdAt',
    'is no UTC time',
  ],
  [
    'a date after the last bar',
    post('9', '2014-01-07T05:00:00Z', 'AAA'),
    'TAPE_POST_TOO_LATE',
    'createdAt',
    'dated after 2014-01-06',
  ],
  [
    'a date in the far future',
    post('9', '2314-01-07T05:00:00Z', 'AAA'),
    'TAPE_POST_TOO_LATE',
    'createdAt',
    'dated after 2014-01-06',
  ],
  [
    'an older post',
    post('9', '2014-01-05T15:00:00Z', 'AAA'),
    'TAPE_POST_OUT_OF_ORDER',
    'createdAt',
    'older than the one before it',
  ],
  [
    'the same post with other words',
    post('3', '2014-01-06T20:59:59Z', 'BBB', 'no'),
    'TAPE_POST_CONFLICT',
    undefined,
    'post "3" about BBB came before with other content',
  ],
  ['no symbol', post('9', '2014-01-06T20:59:59Z', 'bb b'), 'TAPE_FIELD_INVALID', 'symbol', '"bb b" is no symbol'],
]

describe('strict loading refuses, naming file, line and field', () => {
  test.each(barFaults)('bars with %s', async (_name, index, row, code, field, problem) => {
    const bars =
      code === 'TAPE_BAR_CONFLICT' || code === 'TAPE_NOT_A_SESSION'
        ? goodBars.toSpliced(index - 1, 0, row)
        : goodBars.with(index - 1, row)
    const at = code === 'TAPE_BAR_OUT_OF_ORDER' ? index + 2 : index + 1
    const path = write(code === 'TAPE_BAR_CONFLICT' ? goodBars.toSpliced(2, 0, row) : bars, goodPosts)
    const error = await failureOf(path)
    expect(error.code).toBe(code)
    expect(error.message).toContain(
      `${join(path, 'bars-1d.csv')}, line ${code === 'TAPE_BAR_CONFLICT' ? 4 : at}, ${field}: `,
    )
    expect(error.message).toContain(problem)
  })

  test.each(postFaults)('posts with %s', async (_name, row, code, field, problem) => {
    const path = write(goodBars, [...goodPosts, row])
    const error = await failureOf(path)
    expect(error.code).toBe(code)
    expect(error.message).toContain(`${join(path, 'posts.jsonl')}, line 5${field === undefined ? '' : `, ${field}`}: `)
    expect(error.message).toContain(problem)
  })

  test('a post from before all calendars', async () => {
    const error = await failureOf(write(goodBars, [post('0', '1970-01-01T00:00:00Z', 'AAA')]))
    expect([error.code, error.context['line'], error.context['field']]).toEqual(['TAPE_DATE_INVALID', 1, 'createdAt'])
  })

  test('a header without a column', async () => {
    write(goodBars, goodPosts)
    writeFileSync(join(directory, 'bars-1d.csv'), 'symbol,date,open,high,low,close,volume\n')
    const error = await failureOf(directory)
    expect([error.code, error.context['line'], error.context['field']]).toEqual(['TAPE_COLUMN_MISSING', 1, 'adjClose'])
  })

  test('an empty price file', async () => {
    write(goodBars, goodPosts)
    writeFileSync(join(directory, 'bars-1d.csv'), '')
    expect((await failureOf(directory)).code).toBe('TAPE_FILE_TRUNCATED')
  })

  test('text that is not UTF-8', async () => {
    write(goodBars, goodPosts)
    writeFileSync(join(directory, 'posts.jsonl'), Buffer.from([0x7b, 0xff, 0x7d, 0x0a]))
    const error = await failureOf(directory)
    expect([error.code, error.context['line']]).toEqual(['TAPE_ENCODING_INVALID', 1])
  })

  test('a line without an end', async () => {
    const error = await failureOf(write(goodBars, [goodPosts[0], 'x'.repeat(1_100_000)]))
    expect([error.code, error.context['line']]).toEqual(['TAPE_LINE_TOO_LONG', 2])
  })

  test.each([0, 10, 25])('a gzip file cut to %i bytes of many', async (bytes) => {
    write(goodBars, goodPosts)
    rmSync(join(directory, 'posts.jsonl'))
    const whole = gzipSync(goodPosts.map((row) => `${JSON.stringify(row)}\n`).join(''))
    writeFileSync(join(directory, 'posts.jsonl.gz'), whole.subarray(0, bytes))
    const error = await failureOf(directory)
    expect([error.code, error.context['file']]).toEqual(['TAPE_FILE_TRUNCATED', join(directory, 'posts.jsonl.gz')])
    expect(error.message).toContain(
      'posts.jsonl.gz: the gzip file ends too early: it was cut short before its first line; ',
    )
    expect(error.message).toContain('get the whole file again')
    expect(error.message).not.toMatch(/line 0|correct the row/)
  })

  test('a file that is no gzip file', async () => {
    write(goodBars, goodPosts)
    rmSync(join(directory, 'posts.jsonl'))
    writeFileSync(join(directory, 'posts.jsonl.gz'), 'no gzip')
    expect((await failureOf(directory)).code).toBe('TAPE_FILE_UNREADABLE')
  })

  test('a directory where a file is due, and a link that leads in circles', async () => {
    write(goodBars, goodPosts)
    rmSync(join(directory, 'posts.jsonl'))
    mkdirSync(join(directory, 'posts.jsonl'))
    expect((await failureOf(directory)).code).toBe('TAPE_FILE_UNREADABLE')
    rmSync(join(directory, 'posts.jsonl'), { recursive: true })
    symlinkSync('posts.jsonl', join(directory, 'posts.jsonl'))
    expect((await failureOf(directory)).code).toBe('TAPE_FILE_UNREADABLE')
  })

  test('a path that holds no tape', async () => {
    expect((await failureOf(join(directory, 'nowhere'))).code).toBe('TAPE_DIRECTORY_MISSING')
    expect((await failureOf(directory)).code).toBe('TAPE_FORM_UNKNOWN')
    write(goodBars, goodPosts)
    expect((await failureOf(join(directory, 'bars-1d.csv'))).message).toContain('is not a directory')
    writeFileSync(join(directory, 'posts.jsonl.gz'), '')
    expect((await failureOf(directory)).code).toBe('TAPE_FORM_AMBIGUOUS')
    rmSync(join(directory, 'posts.jsonl.gz'))
    rmSync(join(directory, 'posts.jsonl'))
    expect((await failureOf(directory)).message).toContain('lacks posts.jsonl or posts.jsonl.gz')
  })

  test('a tape without a single bar', async () => {
    expect((await failureOf(write([], goodPosts))).code).toBe('TAPE_EMPTY')
  })
})

describe('lenient loading', () => {
  test('leaves out the wrong rows, counted by reason, and gives the same tape as without them', async () => {
    const good = await loadTape(write(goodBars, goodPosts))
    const wrongBars = barFaults.filter(([, , , code]) => code !== 'TAPE_BAR_OUT_OF_ORDER').map(([, , row]) => row)
    const wrongPosts = postFaults.map(([, row]) => row)
    const tape = await loadTape(write([...goodBars, ...wrongBars], [...goodPosts, ...wrongPosts]), { lenient: true })
    expect(tape.hash).toBe(good.hash)
    const skipped = Object.values(tape.counts.skipped).reduce((sum, count) => sum + count, 0)
    expect(skipped).toBe(wrongBars.length + wrongPosts.length)
    expect(tape.counts.skipped).toMatchObject({ TAPE_POST_UNPARSABLE: 2, TAPE_POST_TOO_LATE: 2, TAPE_NOT_A_SESSION: 3 })
    expect([tape.counts.barRows, tape.counts.postRows]).toEqual([6 + wrongBars.length, 4 + wrongPosts.length])
  })

  test('keeps what lies before the cut of a gzip file', async () => {
    write(goodBars, goodPosts)
    rmSync(join(directory, 'posts.jsonl'))
    const many = Array.from({ length: 40_000 }, (_, index) =>
      JSON.stringify(post(`${index}`, '2014-01-03T15:00:00Z', 'AAA', `${index * 7919}`)),
    )
    const whole = gzipSync(many.join('\n'))
    writeFileSync(join(directory, 'posts.jsonl.gz'), whole.subarray(0, whole.length >> 1))
    const { counts } = await loadTape(directory, { lenient: true })
    expect(counts.skipped).toEqual({ TAPE_FILE_TRUNCATED: 1 })
    expect(counts.postRows).toBeGreaterThan(1000)
  })

  test('still refuses what leaves nothing to read', async () => {
    await expect(loadTape(join(directory, 'nowhere'), { lenient: true })).rejects.toThrow('there is no such directory')
  })
})

test('an option that there is not is refused before anything is read', async () => {
  await expect(loadTape('nowhere', { lenent: true } as object)).rejects.toThrow(
    'loadTape: there is no option lenent; did you mean lenient?',
  )
})
