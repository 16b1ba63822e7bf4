"""Vectorised PyTorch float32 peer of the training engine: the same epoch, for speed only.

usage: python3 training.py TABLE.csv SURROGATES/egt EPOCHS
prints one line of JSON: {"epochs": ..., "cpuSeconds": ..., "loss": ..., "torch": ...}

An epoch: 20 fresh prints (every conductance and every component of every stage instance times 1 + 0.1 u), the
surrogates' eta of every instance, [inputs, 3, classes] with the node rule `inverter`, cross-entropy with a learned
temperature on the full batch, backward, Adam, and a validation forward on 20 fixed prints. All prints in one tensor.
"""
import csv
import json
import sys
import time

import torch

DRAWS, SPREAD, HIDDEN = 20, 0.1, 3


class Surrogate:
    """eta(ln omega) as packages/surrogate computes it: features, scaling and output scaling folded into the layers."""

    def __init__(self, path):
        raw = json.load(open(path))
        names = [p["name"] for p in raw["parameters"]]
        features = torch.tensor([[f["exponents"].get(n, 0.0) for n in names] for f in raw["features"]])
        mean, std = torch.tensor(raw["featureMean"]), torch.tensor(raw["featureStd"])
        self.layers = [(torch.tensor(l["weights"]).T.contiguous(), torch.tensor(l["biases"])) for l in raw["layers"]]
        weights, biases = self.layers[0]
        self.layers[0] = (features.T / std @ weights, biases - mean / std @ weights)
        weights, biases = self.layers[-1]
        scale = torch.tensor([o["std"] for o in raw["outputs"]])
        shift = torch.tensor([o["mean"] for o in raw["outputs"]])
        self.layers[-1] = (weights * scale, biases * scale + shift)
        self.logs = [o["log"] for o in raw["outputs"]]
        self.low = torch.tensor([p["min"] for p in raw["parameters"]]).log()
        self.high = torch.tensor([p["max"] for p in raw["parameters"]]).log()

    def eta(self, logs):
        for weights, biases in self.layers[:-1]:
            logs = torch.nn.functional.silu(torch.addmm(biases, logs, weights))
        weights, biases = self.layers[-1]
        outputs = torch.addmm(biases, logs, weights).unbind(-1)
        e1, e2, e3, e4 = (o.exp() if log else o for o, log in zip(outputs, self.logs))
        return e1 + e2, e2, e3, e4


class Network:
    def __init__(self, sizes, falling, activation):
        self.falling, self.activation, self.sizes = falling, activation, sizes
        self.layers = []
        for inputs, neurons in zip(sizes, sizes[1:]):
            theta = torch.empty(inputs + 2, neurons).uniform_(-2, 2)
            theta[inputs:] = 1
            free = [torch.zeros(len(s.low)) for s in (falling, activation)]
            self.layers.append([t.requires_grad_() for t in (theta, *free)])
        self.log_temperature = torch.tensor(2.08).requires_grad_()
        self.parameters = [t for layer in self.layers for t in layer] + [self.log_temperature]

    def draw(self):
        shapes = []
        for inputs, neurons in zip(self.sizes, self.sizes[1:]):
            shapes += [(DRAWS, inputs + 2, neurons), (DRAWS * inputs, len(self.falling.low)),
                       (DRAWS * neurons, len(self.activation.low))]
        flat = 1 + SPREAD * (2 * torch.rand(sum(torch.Size(s).numel() for s in shapes)) - 1)
        parts = flat.split([torch.Size(s).numel() for s in shapes])
        return [p.view(s) if len(s) == 3 else p.view(s).log() for p, s in zip(parts, shapes)]

    def etas(self, variation):
        """One call of each surrogate for all layers and prints."""
        found = []
        for which, surrogate in ((1, self.falling), (2, self.activation)):
            logs = [surrogate.low + (surrogate.high - surrogate.low) * layer[which].sigmoid() + variation[3 * l + which]
                    for l, layer in enumerate(self.layers)]
            etas = surrogate.eta(torch.cat(logs))
            counts = [len(part) for part in logs]
            found.append(list(zip(*(e.split(counts) for e in etas))))
        return found

    def forward(self, x, variation):
        falling, activation = self.etas(variation)
        y = x
        for l, (theta, _, _) in enumerate(self.layers):
            inputs = self.sizes[l]
            g = theta.abs() * variation[3 * l]
            w = g / g.sum(1, keepdim=True)
            negative = (theta < 0).float()[:inputs]
            e1, e2, e3, e4 = (e.view(DRAWS, 1, -1) for e in falling[l])
            inverted = -(e1 + e2 * ((y - e3) * e4).tanh())
            entries = w[:, :inputs]
            z = torch.baddbmm(w[:, inputs:inputs + 1], inverted, entries * negative)
            z = z + y @ (entries * (1 - negative))
            e1, e2, e3, e4 = (e.view(DRAWS, 1, -1) for e in activation[l])
            y = e1 + e2 * ((z - e3) * e4).tanh()
        return y

    def loss(self, x, labels, variation):
        logits = self.forward(x, variation) * self.log_temperature.exp()
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels)


def main():
    path, surrogates, epochs = sys.argv[1], sys.argv[2], int(sys.argv[3])
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows = list(csv.DictReader(open(path)))
    features = [n for n in rows[0] if n not in ("label", "split")]
    classes = sorted({r["label"] for r in rows})

    def part(split):
        chosen = [r for r in rows if r["split"] == split]
        x = torch.tensor([[float(r[n]) for n in features] for r in chosen])
        return x, torch.tensor([classes.index(r["label"]) for r in chosen]).repeat(DRAWS)

    train, valid = part("train"), part("valid")
    network = Network([len(features), HIDDEN, len(classes)], Surrogate(f"{surrogates}/negweight/surrogate.json"),
                      Surrogate(f"{surrogates}/ptanh/surrogate.json"))
    optimiser = torch.optim.Adam(network.parameters, lr=0.01)
    fixed = network.draw()
    began = None
    for epoch in range(-(epochs // 5), epochs):
        if epoch == 0:
            began = time.process_time()
        loss = network.loss(*train, network.draw())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        with torch.no_grad():
            network.loss(*valid, fixed)
    seconds = time.process_time() - began
    print(json.dumps({"epochs": epochs, "cpuSeconds": seconds, "loss": loss.item(), "torch": torch.__version__}))


main()
