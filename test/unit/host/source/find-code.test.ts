import { describe, expect, test } from "vitest";
import { findFunction } from "../../../../src/host/source/find-function.ts";
import { findQuery } from "../../../../src/host/source/find-query.ts";
import { findRoute } from "../../../../src/host/source/find-route.ts";
import { agreement, routeShape } from "../../../../src/host/source/route-shape.ts";

describe("routeShape", () => {
  test.each([
    ["/cart/:id", "cart/{}"],
    ["cart/{id}/", "cart/{}"],
    ["/cart/{id:int}", "cart/{}"],
    ["/cart/<int:id>", "cart/{}"],
    ["/cart/[id]", "cart/{}"],
    ["^cart/(?P<id>[0-9]+)/$", "cart/{}"],
    ["/Cart/:id(\\d+)", "cart/{}"],
    ["/files/*", "files/{*}"],
    ["/files/{path...}", "files/{*}"],
    ["/v:major/cart", "v{}/cart"],
    ["/", ""],
  ])("reads %s", (route, shape) => {
    expect(routeShape(route).join("/")).toBe(shape);
  });
});

describe("agreement", () => {
  test.each([
    ["/cart/:id", "/cart/{cart}", 3],
    ["/:id", "/cart/{id}", 1],
    ["/cart/:id", "/api/cart/{id}", 2],
    ["/api/cart/:id", "/cart/{id}", 0],
    ["/cart/:id", "/bank/{id}", 0],
    ["/", "/", 3],
  ])("of %s with %s is %d", (registered, wanted, expected) => {
    expect(agreement(routeShape(registered), routeShape(wanted))).toBe(expected);
  });
});

describe("findFunction", () => {
  test.each<[extension: string, line: string]>([
    ["ts", "export async function add(item) {"],
    ["ts", "  const add = async (item: Item) => {"],
    ["ts", "  add(item: Item): Promise<void> {"],
    ["ts", "  private static async add<T>(item: T) {"],
    ["js", "exports.add = function (item) {"],
    ["js", "  add: (item) => {"],
    ["py", "    async def add(self, item):"],
    ["go", "func (c *Cart) add(id string) error {"],
    ["go", "func add[T any](v T) {"],
    ["java", "  public static List<Item> add(Item item) throws IOException {"],
    ["kt", "    suspend fun add(item: Item) = 3"],
    ["cs", "    public async Task<IActionResult> add(int id)"],
    ["rb", "  def self.add(item)"],
    ["php", "    public function add($item)"],
    ["rs", "    pub async fn add(&self) {"],
    ["ex", "  defp add(item) do"],
    ["dart", "  Future<void> add(Item item) async {"],
  ])("finds a definition in a file .%s: %s", (extension, line) => {
    expect(findFunction(`x\n${line}\n`, extension, "add")).toMatchObject({ line: 2 });
  });

  test.each<[extension: string, line: string]>([
    ["ts", "  cart.add(item);"],
    ["ts", "  await add(item);"],
    ["ts", "function addItem() {"],
    ["py", "add(item)"],
    ["java", "    return add(item);"],
    ["java", "    cart.add(item);"],
    ["cs", "    await add(item);"],
    ["go", "\tadd(item)"],
  ])("takes no call for a definition in a file .%s: %s", (extension, line) => {
    expect(findFunction(line, extension, "add")).toBeUndefined();
  });

  test("prefers the one in the class", () => {
    const text = "class Bank:\n  def add(self): pass\nclass Cart:\n  def add(self): pass\n";
    expect(findFunction(text, "py", "add", "shop.Cart")?.line).toBe(4);
  });
});

describe("hostile texts", () => {
  const parts = [
    "(",
    "app.get(",
    '"',
    "@app.get(",
    "{",
    "a ",
    "select ",
    "function add",
    "[HttpGet(",
    "class A ",
    "`",
  ];
  test.each(parts)("of %j are read in time", (part) => {
    const text = `${part.repeat(900 / part.length)}\n`.repeat(200);
    for (const extension of ["ts", "py", "go", "java", "cs", "rb", "php", "rs", "ex"]) {
      findRoute(text, extension, "GET", "/cart/:id");
      findFunction(text, extension, "add");
    }
    expect(findQuery(text, "SELECT id FROM cart WHERE id = ?")).toBeUndefined();
  });
});
