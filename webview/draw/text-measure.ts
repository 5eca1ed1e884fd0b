/** Texts remembered before starting over: a screen shows some hundred, a session some thousand. */
const MAX_REMEMBERED = 20_000;

/** Remembers the widths of texts; measuring is the dearest part of drawing labels. */
export class TextMeasure {
  readonly #context: CanvasRenderingContext2D;
  readonly #widths = new Map<string, number>();
  #font = "";

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  /** The font of all that follows, as CSS writes it. */
  use(font: string): void {
    if (font !== this.#font) this.#widths.clear();
    this.#font = font;
    this.#context.font = font;
  }

  readonly widthOf = (text: string): number => {
    const known = this.#widths.get(text);
    if (known !== undefined) return known;
    if (this.#widths.size >= MAX_REMEMBERED) this.#widths.clear();
    const width = this.#context.measureText(text).width;
    this.#widths.set(text, width);
    return width;
  };
}
