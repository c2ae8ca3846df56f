import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const pages = [
  'README.md',
  ...['guides', 'design'].flatMap((folder) =>
    readdirSync(join(root, 'docs', folder)).map((name) => join('docs', folder, name)),
  ),
].filter((page) => page.endsWith('.md'))

test.each(pages)('%s shows code that is run as an example, and links to files that exist', (page) => {
  const text = readFileSync(join(root, page), 'utf8')
  for (const [, file, code] of text.matchAll(/```ts file=(\S+)\n([\s\S]*?)```/g)) {
    const example = readFileSync(join(root, 'examples', file ?? ''), 'utf8')
    expect(example, `${page} shows something else than examples/${file}; run npm run docs:examples`).toBe(code)
  }
  for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) {
    expect(() => readFileSync(join(root, page, '..', target ?? '')), `${page} links to ${target}`).not.toThrow(/ENOENT/)
  }
})

test('the README shows at least the snippet of an agent and the backtest', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  for (const file of ['their-own-agent.ts', 'backtest-the-five.ts']) expect(readme).toContain(`\`\`\`ts file=${file}`)
})

test('the README of storage-d1 shows the Worker that runs in the tests', () => {
  const readme = readFileSync(join(root, 'packages', 'storage-d1', 'README.md'), 'utf8')
  expect(readme).toContain(readFileSync(join(root, 'test', 'counter-worker.ts'), 'utf8'))
})
