import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MessageForms } from './message-forms.js'

const head = '{"arg":{"channel":"orders"},'
const reads = ['data.0.id', 'data.0.state', 'data.0.price', 'data.0.linked.id', 'data.0.none']
const formsOf = (): MessageForms =>
  new MessageForms({
    head,
    reads,
    isReadable: (message) => (message as { data?: unknown[] }).data?.length === 1,
  })

const write = (...rows: readonly unknown[]): string => `${head}"data":${JSON.stringify(rows)}}`
const row = (fields: object = {}): object => ({
  id: '1',
  more: 'a',
  state: 'live',
  price: '',
  list: [],
  linked: { id: '' },
  rest: 'b',
  count: 3,
  ...fields,
})

/** What `JSON.parse` makes of what is to be read. */
function slowly(text: string): readonly (string | undefined)[] {
  const [found] = (JSON.parse(text) as { data: Record<string, unknown>[] }).data
  const linked = found?.['linked'] as Record<string, unknown> | undefined | null
  const of = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  return [of(found?.['id']), of(found?.['state']), of(found?.['price']), of(linked?.['id']), of(found?.['none'])]
}

test('what differs from the messages before is learned, and then read', () => {
  const forms = formsOf()
  expect(forms.read(write(row()))).toBeUndefined()
  expect(forms.read(write(row()))).toEqual(['1', 'live', '', '', undefined])
  expect(forms.read(write(row({ id: '2', state: 'filled', rest: 'c' })))).toBeUndefined()
  expect(forms.read(write(row({ id: '34567', state: 'live', rest: '' })))).toEqual(['34567', 'live', '', '', undefined])
  // Of what was not read: the text between is another only where it is known to change.
  expect(forms.read(write(row({ id: '5', more: 'z' })))).toBeUndefined()
  expect(forms.read(write(row({ id: '5', more: 'y' })))).toEqual(['5', 'live', '', '', undefined])
})

test.each([
  ['a number of another kind', write(row({ count: 4 }))],
  ['a text with an escape', write(row({ id: 'a"b' }))],
  ['a number where a text is read', write(row({ id: 1 }))],
  ['another list', write(row({ list: ['x'] }))],
  ['two rows', write(row(), row())],
  ['another head', write(row()).replace('orders', 'account')],
  ['no JSON', `${write(row())}}`],
  ['space between', write(row()).replace(',"more"', ', "more"')],
  ['another order of fields', write({ more: 'a', id: '1' })],
])('%s is left alone at first', (_, text) => {
  const forms = formsOf()
  forms.read(write(row()))
  forms.read(write(row({ id: '2', more: 'b', state: '', price: '1', linked: { id: 'x' }, rest: '' })))
  expect(forms.read(text)).toBeUndefined()
})

test('what is read is what JSON.parse reads, whatever came before', () => {
  const text = fc.oneof(fc.constantFrom('', 'live', 'filled', '0'), fc.string({ unit: 'grapheme', maxLength: 30 }))
  const rows = fc.record({
    id: text,
    more: text,
    state: text,
    price: fc.oneof({ weight: 9, arbitrary: text }, fc.constant(null), fc.integer()),
    list: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, fc.constant(['a']), fc.constant([{ id: 'x' }])),
    linked: fc.oneof({ weight: 9, arbitrary: fc.record({ id: text }) }, fc.constant(null), fc.constant({})),
    count: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.constant(2)),
  })
  let read = 0
  fc.assert(
    fc.property(fc.array(rows, { minLength: 10, maxLength: 60 }), (all) => {
      const forms = formsOf()
      for (const one of all) {
        const texts = forms.read(write(one))
        if (texts !== undefined) read += 1
        if (texts !== undefined) expect(texts).toEqual(slowly(write(one)))
      }
    }),
  )
  expect(read).toBeGreaterThan(100)
})
