"""Models from elsewhere for the bench of distillation, as ONNX files, and the table of 30 features that two of them are of.

usage: python3 models.py IRIS.csv FOLDER
writes FOLDER/cancer.csv and relu, norm, trees, cancer-relu, cancer-tanh .onnx; prints one line of JSON: the accuracy of each on its table

Trained on the training rows by scikit-learn (MLPClassifier, GradientBoostingClassifier); batch normalisation, which it has not,
by Adam on all rows at once. The graphs are written node by node with the onnx package.
"""
import csv
import json
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.neural_network import MLPClassifier

TABLE, FOLDER = sys.argv[1:3]
ML = "ai.onnx.ml"


def read(path):
    rows = list(csv.reader(open(path)))
    head = rows[0]
    label = head.index("label")
    split = head.index("split") if "split" in head else None
    kept = [i for i in range(len(head)) if i not in (label, split)]
    x = np.array([[float(row[i]) for i in kept] for row in rows[1:]])
    names = sorted({row[label] for row in rows[1:]})
    y = np.array([names.index(row[label]) for row in rows[1:]])
    train = np.array([split is None or row[split] == "train" for row in rows[1:]])
    return x, y, train, names


def write_cancer():
    data = load_breast_cancer()
    order = np.random.RandomState(0).permutation(len(data.target))
    split = np.array(["train"] * len(order), dtype=object)
    split[order[:114]], split[order[114:228]] = "test", "valid"
    with open(f"{FOLDER}/cancer.csv", "w") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow([name.replace(" ", "_") for name in data.feature_names] + ["label", "split"])
        for row, kind, part in zip(data.data, data.target, split):
            out.writerow([repr(float(v)) for v in row] + [data.target_names[kind], part])


def save(name, nodes, constants, features, outputs):
    tensors = [numpy_helper.from_array(np.asarray(v, dtype=np.float32), k) for k, v in constants.items()]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, features])
    graph = helper.make_graph(nodes, name, [x], outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13), helper.make_opsetid(ML, 1)])
    model.ir_version = 7
    onnx.checker.check_model(model)
    onnx.save(model, f"{FOLDER}/{name}.onnx")


def perceptron(name, layers, activation, mean, std, norm=None):
    """layers: weights [inputs, outputs] and biases; norm: gain, offset, mean and variance after the first of them."""
    make = helper.make_node
    nodes = [make("Sub", ["x", "mean"], ["centred"]), make("Div", ["centred", "std"], ["h"])]
    constants, last = {"mean": mean, "std": std}, "h"
    for l, (w, b) in enumerate(layers):
        constants[f"w{l}"], constants[f"b{l}"] = w, b
        nodes.append(make("Gemm", [last, f"w{l}", f"b{l}"], [f"a{l}"]))
        last = f"a{l}"
        if l == 0 and norm is not None:
            constants.update(zip(("gain", "offset", "average", "variance"), norm))
            nodes.append(make("BatchNormalization", [last, "gain", "offset", "average", "variance"], ["n"]))
            last = "n"
        if l < len(layers) - 1:
            nodes.append(make(activation, [last], [f"h{l}"]))
            last = f"h{l}"
    outputs = layers[-1][0].shape[1]
    nodes.append(make("Softmax" if outputs > 1 else "Sigmoid", [last], ["p"]))
    save(name, nodes, constants, len(mean), [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, outputs])])


def fitted(name, x, y, train, sizes, activation):
    mean, std = x[train].mean(0), x[train].std(0)
    model = MLPClassifier(sizes, activation, max_iter=3000, random_state=0).fit(((x - mean) / std)[train], y[train])
    layers = list(zip(model.coefs_, model.intercepts_))
    perceptron(name, layers, activation.capitalize(), mean, std)
    return float(model.score((x - mean) / std, y))


def normalised(name, x, y, train, hidden, steps=2000):
    """x → Gemm → batch normalisation → rectifier → Gemm → softmax, by Adam; the statistics are those of the training rows."""
    mean, std = x[train].mean(0), x[train].std(0)
    z, t, rng = (x - mean) / std, np.eye(y.max() + 1)[y], np.random.RandomState(0)
    p = [rng.randn(z.shape[1], hidden), np.ones(hidden), np.zeros(hidden), rng.randn(hidden, t.shape[1]), np.zeros(t.shape[1])]
    first, second = [np.zeros_like(v) for v in p], [np.zeros_like(v) for v in p]

    def forward(rows, statistics=None):
        a = rows @ p[0]
        average, variance = statistics or (a.mean(0), a.var(0))
        n = (a - average) / np.sqrt(variance + 1e-5)
        h = np.maximum(0, n * p[1] + p[2])
        s = h @ p[3] + p[4]
        e = np.exp(s - s.max(1, keepdims=True))
        return (average, variance), n, h, e / e.sum(1, keepdims=True)

    rows, wanted = z[train], t[train]
    for step in range(1, steps + 1):
        (_, variance), n, h, q = forward(rows)
        ds = (q - wanted) / len(rows)
        dh = (ds @ p[3].T) * (h > 0)
        dn = dh * p[1]
        da = (dn - dn.mean(0) - n * (dn * n).mean(0)) / np.sqrt(variance + 1e-5)
        gradients = [rows.T @ da, (dh * n).sum(0), dh.sum(0), h.T @ ds, ds.sum(0)]
        for k, g in enumerate(gradients):
            first[k] = 0.9 * first[k] + 0.1 * g
            second[k] = 0.999 * second[k] + 0.001 * g * g
            p[k] = p[k] - 0.01 * (first[k] / (1 - 0.9**step)) / (np.sqrt(second[k] / (1 - 0.999**step)) + 1e-8)
    statistics = forward(rows)[0]
    layers = [(p[0], np.zeros(hidden)), (p[3], p[4])]
    perceptron(name, layers, "Relu", mean, std, (p[1], p[2], *statistics))
    return float((forward(z, statistics)[3].argmax(1) == y).mean())


def trees(name, x, y, train, names):
    model = GradientBoostingClassifier(n_estimators=50, max_depth=3, random_state=0).fit(x[train].astype(np.float32), y[train])
    nodes = {key: [] for key in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")}
    leaves = {key: [] for key in ("treeids", "nodeids", "ids", "weights")}
    for number, (kind, tree) in enumerate((k, e.tree_) for stage in model.estimators_ for k, e in enumerate(stage)):
        for i in range(tree.node_count):
            leaf = tree.children_left[i] < 0
            entry = (number, i, max(0, tree.feature[i]), 0 if leaf else tree.threshold[i], "LEAF" if leaf else "BRANCH_LEQ",
                     max(0, tree.children_left[i]), max(0, tree.children_right[i]))
            for key, value in zip(nodes, entry):
                nodes[key].append(value if isinstance(value, str) else float(value) if key == "values" else int(value))
            if leaf:
                for key, value in zip(leaves, (number, i, kind, float(model.learning_rate * tree.value[i].ravel()[0]))):
                    leaves[key].append(value)
    base = np.log(np.bincount(y[train]) / train.sum())
    node = helper.make_node(
        "TreeEnsembleClassifier", ["x"], ["label", "probabilities"], domain=ML, post_transform="SOFTMAX",
        base_values=[float(v) for v in base], classlabels_strings=names,
        **{f"nodes_{key}": value for key, value in nodes.items()}, **{f"class_{key}": value for key, value in leaves.items()})
    outputs = [helper.make_tensor_value_info("label", TensorProto.STRING, [None]),
               helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, len(names)])]
    save(name, [node], {}, x.shape[1], outputs)
    return float(model.score(x.astype(np.float32), y))


write_cancer()
iris, cancer = read(TABLE), read(f"{FOLDER}/cancer.csv")
print(json.dumps({
    "relu": fitted("relu", *iris[:3], (8,), "relu"),
    "norm": normalised("norm", *iris[:3], 8),
    "trees": trees("trees", *iris),
    "cancer-relu": fitted("cancer-relu", *cancer[:3], (12, 6), "relu"),
    "cancer-tanh": fitted("cancer-tanh", *cancer[:3], (12, 6), "tanh"),
}))
