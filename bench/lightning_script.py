"""A network that tells digits apart, with Lightning's command line: `python -m bench.lightning_script fit --model.network=cnn`."""

import json
import logging
import time
import warnings

import lightning
import torch
from lightning.pytorch.cli import LightningCLI
from torch.utils.data import DataLoader, TensorDataset

from bench.torch_networks import build, fastest, laid_out, loss, optimizer, read

warnings.simplefilter("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
UNITS = 32


class Digits(lightning.LightningModule):
    """The network of a workload, in the layout and with the threads that suit this machine."""

    def __init__(self, network: str) -> None:
        """Build it."""
        super().__init__()
        x, y, *_ = read(network)
        self.layout = fastest(network, UNITS, x[:64], y[:64])
        self.network_name, self.network = network, build(network, UNITS).to(memory_format=self.layout)
        self.marks = []

    def on_train_start(self) -> None:
        """Note when the training began."""
        self.began = time.perf_counter()

    def training_step(self, batch: list, index: int) -> torch.Tensor:
        """The loss of a batch."""
        return loss(self.network_name, self.network(laid_out(batch[0], self.layout)), batch[1])

    def on_train_epoch_end(self) -> None:
        """Note when an epoch ended."""
        self.marks.append([self.global_step, time.perf_counter() - self.began])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """The optimizer of the workload."""
        return optimizer(self.network_name, self.parameters())


class Data(lightning.LightningDataModule):
    """The digits, in memory."""

    def __init__(self, batch_size: int) -> None:
        """Read them."""
        super().__init__()
        self.batch_size = batch_size
        x, y, *self.test = read("cnn")
        self.train = TensorDataset(x, y)

    def train_dataloader(self) -> DataLoader:
        """The training digits, shuffled."""
        return DataLoader(self.train, self.batch_size, shuffle=True)


cli = LightningCLI(Digits, Data, save_config_callback=None)
with torch.no_grad():
    x, y = cli.datamodule.test
    accuracy = float((cli.model.network(x).argmax(1) == y).float().mean())
print(json.dumps({"marks": cli.model.marks, "accuracy": accuracy}))
