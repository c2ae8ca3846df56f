// Puts the text of each example into the pages that show it, in the blocks that begin with "```ts file=NAME", and what it
// prints into those that begin with "```text output=NAME". The packages must be built.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { node, root } from './workspace.mjs'

const examples = join(root, 'examples')
const printedBy = (file) => execFileSync(node, [join(examples, file)], { cwd: examples, encoding: 'utf8' })

const folders = ['.', 'docs/guides', 'docs/design']
for (const folder of folders) {
  for (const name of readdirSync(join(root, folder)).filter((file) => file.endsWith('.md'))) {
    const path = join(root, folder, name)
    const text = readFileSync(path, 'utf8')
    const embedded = text
      .replaceAll(
        /```ts file=(\S+)\n[\s\S]*?```/g,
        (_block, file) => `\`\`\`ts file=${file}\n${readFileSync(join(examples, file), 'utf8')}\`\`\``,
      )
      .replaceAll(
        /```text output=(\S+)\n[\s\S]*?```/g,
        (_block, file) => `\`\`\`text output=${file}\n${printedBy(file)}\`\`\``,
      )
    if (embedded !== text) writeFileSync(path, embedded)
  }
}
