// @ts-check
// What the person sees while something takes long. One line a task; on a terminal its seconds count up in place.

const terminal = process.stdout.isTTY === true && process.env["CI"] === undefined;

/**
 * Does `work` under a progress line that ends in its duration, or in "failed".
 * @template T
 * @param {string} title
 * @param {(report: (detail: string) => void) => Promise<T>} work may name what it is at
 * @returns {Promise<T>}
 */
export async function task(title, work) {
  const started = performance.now();
  let detail = "";
  const line = () => `${title}${detail === "" ? "" : `: ${detail}`}`;
  const repaint = () => process.stdout.write(`\r\u001b[2K  ${line()} … ${seconds(started)}`);
  const ticking = terminal ? setInterval(repaint, 500) : undefined;
  if (terminal) repaint();
  else console.log(`  ${title} …`);

  /** @param {string} mark @param {string} ending */
  const finish = (mark, ending) => {
    clearInterval(ticking);
    console.log(`${terminal ? "\r\u001b[2K" : ""}${mark} ${title} (${seconds(started)})${ending}`);
  };
  try {
    const result = await work((text) => {
      detail = text;
      if (terminal) repaint();
      else console.log(`    ${text} (${seconds(started)})`);
    });
    finish("✓", "");
    return result;
  } catch (error) {
    finish("✗", detail === "" ? "" : `, at: ${detail}`);
    throw error;
  }
}

/**
 * @param {number} started of performance.now()
 * @returns {string} "12.3 s"
 */
export function seconds(started) {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}
