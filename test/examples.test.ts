import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { node, root } from '../scripts/workspace.mjs'

const folder = join(root, 'examples')
const examples = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))

/** What the guides say that an example prints: the blocks that begin with "```text output=NAME". */
const guides = join(root, 'docs', 'guides')
const shown = readdirSync(guides).flatMap((page) =>
  [...readFileSync(join(guides, page), 'utf8').matchAll(/```text output=(\S+)\n([\s\S]*?)```/g)].map(
    ([, example, output]) => ({ page, example, output }),
  ),
)

// Node strips the types itself; the packages come from their dist, as they do for a user.
describe('examples', () => {
  it('whose output a guide shows are there', () => {
    expect(shown.length).toBeGreaterThan(10)
    expect(shown.filter(({ example = '' }) => !examples.includes(example))).toEqual([])
  })

  it.each(examples)('%s runs to its end', async (example) => {
    const run = promisify(execFile)(node, [join(folder, example)], { cwd: folder, timeout: 50_000 })
    await expect(run).resolves.toMatchObject({ stderr: '' })
    const { stdout } = await run
    for (const { page, output } of shown.filter((each) => each.example === example))
      expect(stdout, `${page} shows something else; run npm run docs:examples`).toBe(output)
  })
})
