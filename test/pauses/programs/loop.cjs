const helper = (n) => n * 2;

function work(n) {
  let total = n;
  total += helper(n);
  return total;
}

let n = 0;
setInterval(() => work(n++), 50);
