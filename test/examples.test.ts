import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { node, root } from '../scripts/workspace.mjs'

const folder = join(root, 'examples')
const examples = readdirSync(folder).filter((file) => file.endsWith('.ts'))

// Node strips the types itself; the packages come from their dist, as they do for a user.
describe('examples', () => {
  it.each(examples)('%s runs to its end', async (example) => {
    const run = promisify(execFile)(node, [join(folder, example)], { cwd: folder, timeout: 50_000 })
    await expect(run).resolves.toMatchObject({ stderr: '' })
  })
})
