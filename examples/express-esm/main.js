import express from "express";

const port = Number(process.env.PORT ?? 4610);
const app = express();

app.get("/hello", (request, response) => {
  response.json({ hello: request.query.name ?? "world" });
});

app.get("/greeting", async (request, response) => {
  const hello = await fetch(`http://127.0.0.1:${port}/hello?name=Ada`);
  response.json({ greeting: await hello.json() });
});

const server = app.listen(port, "127.0.0.1", (error) => {
  if (error) throw error;
  console.log(`express-esm: open http://localhost:${server.address().port}/greeting`);
});
